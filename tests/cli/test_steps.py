"""``ocpplab-runner steps``: verbs, facets and matchers, and whatever else somebody asks for."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from ocpplab_runner.cli.steps import command
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.settings import SETTINGS


def steps(*names: str) -> Result:
    """Run it."""
    return CliRunner().invoke(command, names)


def first_words(text: str) -> set[str]:
    """What the indented lines begin with."""
    return {match[1] for match in re.finditer(r"^  (\S+)", text, re.MULTILINE)}


def test_settings_and_faults_and_states_are_listed() -> None:
    """By the names that scenarios use."""
    assert set(SETTINGS) < first_words(steps("settings").output)
    assert set(FAULTS) == first_words(steps("faults").output)
    assert {"booted", "charging"} < first_words(steps("states").output)
    assert {"within", "save", "raw"} < first_words(steps("modifiers").output)


def test_one_setting_is_described() -> None:
    """With its names on the wire and its default."""
    said = steps("heartbeat_interval").output
    assert said.startswith("heartbeat_interval (setting): ")
    assert "HeartbeatInterval" in said
    assert "OCPPCommCtrlr.HeartbeatInterval" in said


def test_a_field_says_where_it_stands() -> None:
    """Verbs and facets apart, each with what it means there."""
    said = steps("evse_id").output
    assert said.startswith("evse_id (field)\n")
    assert {"plug_connector", "transaction"} < first_words(said)


@pytest.mark.parametrize(("name", "kind"), [("within", "modifier"), ("charging", "state"), ("GroundFailure", "fault")])
def test_single_words_are_found(name: str, kind: str) -> None:
    """Each says what it is."""
    assert steps(name).output.startswith(f"{name} ({kind}): ")


def test_a_name_of_two_things_shows_both() -> None:
    """`charger` is a modifier and `message` a facet and a field."""
    said = steps("message").output
    assert said.startswith("message (facet): ")
    assert "\n\nmessage (field)\n" in said


def test_a_near_miss_is_answered() -> None:
    """Over all of these words."""
    done = steps("heartbeat_intervall")
    assert done.exit_code == 2
    assert "did you mean 'heartbeat_interval'?" in done.output


def test_columns_never_touch() -> None:
    """However long a name is."""
    for line in steps().output.splitlines():
        if line.startswith("  "):
            assert re.match(r"  \S+  +\S", line), line
