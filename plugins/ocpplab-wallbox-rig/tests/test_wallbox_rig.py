"""The rig's verb and facet, in scenarios run by the real engine."""

from pathlib import Path

import ocpplab_wallbox_rig
import pytest

from ocpplab_runner.api import InvalidScenario, run_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "stop_button.yaml"


def test_shipped_scenario_passes() -> None:
    """In both versions."""
    run = run_scenario(SCENARIO, plugins=[ocpplab_wallbox_rig])
    assert run.verdicts == ["passed", "passed"], run.report


def test_wrong_colour_fails() -> None:
    """The facet really looks."""
    run = run_scenario(
        """
        name: Red
        ocpp: ["1.6"]
        given: {csms: {id_tokens: {CARD-1: Accepted}}, state: {charging: {id_tag: CARD-1}}}
        steps:
          - wallbox.press_button: stop
            expect: {wallbox.led: blue}
            within: 1s
        """,
        plugins=[ocpplab_wallbox_rig],
    )
    assert run.verdicts == ["failed"]
    assert "wallbox.led" in run.report


def test_refused_press_is_an_error_unless_expected() -> None:
    """Without a transaction there is nothing to stop."""
    run = run_scenario(
        """
        name: Nothing to stop
        ocpp: ["1.6"]
        steps:
          - wallbox.press_button: stop
            expect: {outcome: refused, wallbox.led: red}
        """,
        plugins=[ocpplab_wallbox_rig],
    )
    assert run.verdicts == ["passed"], run.report


def test_unknown_button_is_refused_before_it_runs() -> None:
    """The schema knows the verb's fields."""
    with pytest.raises(InvalidScenario, match="horn"):
        run_scenario("{name: X, ocpp: ['1.6'], steps: [{wallbox.press_button: horn}]}", plugins=[ocpplab_wallbox_rig])
