"""An example plugin: a rig that presses a wallbox's buttons and looks at its LED.

One file with two hooks. Copy it, choose a prefix of your own, and put your hardware into :class:`Rig`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.api import (
    DURATION_PATTERN,
    FacetSpec,
    FieldSpec,
    Outcome,
    StepContext,
    StepResult,
    Verb,
    VerbSpec,
    hookimpl,
    parse_duration,
)

COLOURS = ("off", "green", "blue", "red")


class Rig:
    """The way to the hardware. This one has none: its buttons are those of the runner's own simulated charger."""

    def __init__(self, context: StepContext) -> None:
        self._context = context

    async def press(self, button: str, seconds: float) -> Outcome:
        """Hold a button down.

        Args:
            button: ``stop`` or ``reset_fault``.
            seconds: for how long, on the run's clock; never ``time.sleep``.
        """
        await self._context.sleep(seconds)
        if button == "stop":
            return await self._context.perform("stop_transaction", {"reason": "Local"})
        return await self._context.perform("clear_fault", {})

    async def led(self, outcome: Outcome) -> str:
        """The LED's colour; a camera or a photodiode would look here."""
        return "green" if outcome.status == "done" else "red"


async def press_button(context: StepContext, fields: Mapping[str, Any]) -> StepResult:
    """Press a button, then say what the LED shows."""
    rig = Rig(context)
    outcome = await rig.press(fields["button"], parse_duration(fields.get("hold", "200ms")))
    # A fact of our own: any `wallbox.led` in an `expect` or `never` finds it.
    context.report("wallbox.led", {"is": await rig.led(outcome)})
    return StepResult(outcome=outcome)


@hookimpl
def ocpplab_verbs() -> Iterable[Verb]:
    """The verb, described for the schema, the editor and ``ocpplab-runner steps``."""
    spec = VerbSpec(
        name="wallbox.press_button",
        summary="The rig presses a button of the wallbox.",
        actor="world",
        fields=(
            FieldSpec("button", {"enum": ["stop", "reset_fault"]}, "Which button.", required=True),
            FieldSpec(
                "hold",
                {"type": "string", "pattern": DURATION_PATTERN},
                "How long it is held down (default 200ms).",
            ),
        ),
        shorthand="button",
        example="wallbox.press_button: {button: stop, hold: 1s}",
    )
    return [Verb(spec, press_button)]


@hookimpl
def ocpplab_facets() -> Iterable[FacetSpec]:
    """The facet; its event is the fact that the verb reports, so no target can be blind to it."""
    colour = {"enum": list(COLOURS)}
    return [
        FacetSpec(
            name="wallbox.led",
            summary="The wallbox's LED shows a colour.",
            fields=(FieldSpec("is", colour, "The colour."),),
            value=colour,
            event="wallbox.led",
            example="wallbox.led: green",
        )
    ]
