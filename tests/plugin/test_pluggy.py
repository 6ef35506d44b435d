"""What pluggy promises holds for our hooks; and what ``run_scenario`` can try out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.manager import PluginError, Plugins
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.plugin.verb import StepContext, Verb
from ocpplab_runner.scenario.registry import FieldSpec, VerbSpec
from ocpplab_runner.steps import builtin as steps
from ocpplab_runner.targets import builtin as targets
from ocpplab_runner.targets.simulated import SimulatedTarget
from ocpplab_runner.testing import run_scenario

SCENARIO = "name: Nothing\nsmoke: true\nocpp: ['1.6']\nsteps: [{wait: 1s}]\n"


async def _nothing(context: Any, fields: Any) -> None:
    """A verb that does nothing."""


def verb(name: str) -> Verb:
    """A verb of that name."""
    return Verb(VerbSpec(name, "x", "world"), _nothing)


def empty() -> Any:
    """A function of its own that answers nothing."""

    def answer() -> list[Any]:
        return []

    return answer


def test_specname() -> None:
    """The function is called as its author likes, and two may serve one hook of different plugins."""

    @hookimpl(specname="ocpplab_verbs")
    def my_verbs() -> Iterable[Verb]:
        return [verb("acme.a")]

    @hookimpl(specname="ocpplab_verbs")
    def ocpplab_ours() -> Iterable[Verb]:
        yield verb("acme.b")

    plugins = Plugins(
        [steps], {"x": SimpleNamespace(my_verbs=my_verbs), "y": SimpleNamespace(ocpplab_ours=ocpplab_ours)}
    )
    assert {"acme.a", "acme.b"} <= set(plugins.verbs)


def test_an_unknown_specname_is_refused() -> None:
    """It would never be called; with ``optionalhook`` that is what the author wants."""
    strange = hookimpl(specname="ocpplab_verb")(empty())
    with pytest.raises(PluginError, match=r"plugin 'x': unknown hook 'ocpplab_verb'"):
        Plugins([steps], {"x": SimpleNamespace(verbs=strange)})
    Plugins([steps], {"x": SimpleNamespace(verbs=hookimpl(specname="ocpplab_verb", optionalhook=True)(empty()))})


def test_a_misspelt_hook_has_a_hint() -> None:
    """Did you mean …?"""
    with pytest.raises(PluginError, match=r"there is no hook 'ocpplab_verbz'; did you mean 'ocpplab_verbs'\?"):
        Plugins([steps], {"x": SimpleNamespace(ocpplab_verbz=hookimpl(empty()))})


def test_an_argument_that_a_hook_has_not_is_refused() -> None:
    """When the plugin is loaded."""
    with pytest.raises(PluginError, match=r"plugin 'x': (.|\n)*'colour'"):
        Plugins([steps], {"x": SimpleNamespace(ocpplab_reports=hookimpl(lambda colour: []))})


@pytest.mark.parametrize("old", [False, True])
def test_a_wrapper_is_around_what_others_answer(old: bool) -> None:
    """Of the hooks that make the language, too; in both of pluggy's forms."""

    @hookimpl(wrapper=True, specname="ocpplab_verbs")
    def without_the_second() -> Iterator[Any]:
        answers = yield
        return [[one for one in answer if one.spec.name != "acme.b"] for answer in answers]

    @hookimpl(hookwrapper=True, specname="ocpplab_verbs")
    def without_the_second_too() -> Iterator[Any]:
        outcome = yield
        kept = [[one for one in answer if one.spec.name != "acme.b"] for answer in outcome.get_result()]
        outcome.force_result(kept)

    inner = SimpleNamespace(ocpplab_verbs=hookimpl(lambda: [verb("acme.a"), verb("acme.b")]))
    outer = SimpleNamespace(around=without_the_second_too if old else without_the_second)
    plugins = Plugins([steps], {"inner": inner, "outer": outer})
    assert "acme.a" in plugins.verbs
    assert "acme.b" not in plugins.verbs
    assert "authorize_id_tag" in plugins.verbs


def test_a_wrapper_that_raises_is_named_and_not_what_it_wraps() -> None:
    """Whoever the exception comes from."""

    @hookimpl(wrapper=True)
    def ocpplab_reports() -> Iterator[Any]:
        yield
        raise RuntimeError("no licence")

    first, last = (SimpleNamespace(ocpplab_reports=hookimpl(empty())) for _ in "ac")
    plugins = Plugins([], {"a": first, "b": SimpleNamespace(ocpplab_reports=ocpplab_reports), "c": last})
    with pytest.raises(PluginError, match=r"plugin 'b': ocpplab_reports raised RuntimeError: no licence"):
        plugins.reports({})


def test_what_is_wrapped_is_named_when_it_raises() -> None:
    """Though the exception comes through the wrapper."""

    @hookimpl(wrapper=True)
    def ocpplab_reports() -> Iterator[Any]:
        return (yield)

    def broken() -> Any:
        raise RuntimeError("no licence")

    plugins = Plugins(
        [],
        {
            "a": SimpleNamespace(ocpplab_reports=ocpplab_reports),
            "b": SimpleNamespace(ocpplab_reports=hookimpl(broken)),
        },
    )
    with pytest.raises(PluginError, match=r"plugin 'b': ocpplab_reports raised"):
        plugins.reports({})


def test_the_first_target_counts() -> None:
    """``firstresult``: the last registered goes first, ``tryfirst`` before it, None leaves it to others."""
    mine, yours = SimulatedTarget("mine"), SimulatedTarget("yours")
    first = SimpleNamespace(ocpplab_target=hookimpl(tryfirst=True)(lambda kind: mine if kind == "moon" else None))
    second = SimpleNamespace(ocpplab_target=hookimpl(lambda kind: yours if kind in ("moon", "mars") else None))
    plugins = Plugins([steps, targets], {"first": first, "second": second})
    assert plugins.target("moon", "x", {}) is mine
    assert plugins.target("mars", "x", {}) is yours
    assert plugins.target("simulated", "x", {}).name == "x"


def test_a_target_that_cannot_be_made_names_its_plugin() -> None:
    """Other than by a wrong option, which is the user's."""

    class Rig:
        def __init__(self) -> None:
            self.port = {}["port"]

    plugins = Plugins([], {"rig": SimpleNamespace(ocpplab_target=hookimpl(lambda: Rig()))})
    with pytest.raises(PluginError, match=r"plugin 'rig': ocpplab_target raised KeyError: 'port'"):
        plugins.target("rig", "rig", {})


def test_a_target_that_raises_while_a_case_is_set_up_is_named() -> None:
    """The case is an error, with the traceback in the reports."""

    class Rig(SimulatedTarget):
        async def set_up(self, request: Any) -> Any:
            raise TypeError("no port")

    run = run_scenario(SCENARIO, target=Rig("rig"))
    assert run.verdicts == ["error"]
    assert "the target 'rig' raised TypeError: no port" in run.report


def test_a_plugin_with_two_verbs_hooks_names_the_right_one() -> None:
    """An answer that is no list is the fault of who gives it."""
    good = SimpleNamespace(ocpplab_verbs=hookimpl(lambda: [verb("acme.a")]))
    bad = SimpleNamespace(ocpplab_verbs=hookimpl(lambda: 5))
    with pytest.raises(PluginError, match=r"plugin 'bad': ocpplab_verbs raised TypeError"):
        Plugins([steps], {"good": good, "bad": bad})


def test_a_verb_of_a_plugin_has_what_the_built_in_ones_have() -> None:
    """A bare expression, and a window for every charger, are flags of its spec and no matter of its name."""
    seen: list[Any] = []

    async def both(context: StepContext, fields: Mapping[str, Any]) -> None:
        seen.extend([fields["wish"], context.evaluate(fields["wish"]), fields["condition"]])
        for charger in ("A", "B"):
            await context.stage.perform(charger, "plug_connector", {"connector_id": 1})

    fields = (
        FieldSpec("wish", {"type": "string"}, "x", bare=True),
        FieldSpec("condition", {"type": "integer"}, "Computed: it is only called like that of `if`."),
    )
    spec = VerbSpec("acme.plug_both", "x", "world", fields, opens_for_all=True)
    plugin = SimpleNamespace(ocpplab_verbs=hookimpl(lambda: [Verb(spec, both)]))
    run = run_scenario(
        """
        name: Both
        ocpp: ["1.6"]
        given: {chargers: {A: {}, B: {}}}
        steps:
          - acme.plug_both: {wish: "1 + 1", condition: "${{ 2 + 3 }}"}
          - expect: {connector_status: Preparing}
            charger: B
        """,
        plugins=[plugin],
    )
    assert run.verdicts == ["passed"], run.report
    assert seen == ["1 + 1", 2, 5]


class Tally:
    """A report that counts."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.closed = 0

    def handle(self, record: Record) -> None:
        """Take one."""
        self.taken.append(record["type"])

    def close(self) -> None:
        """The end."""
        self.closed += 1


def test_a_report_can_be_tried_out() -> None:
    """By itself, or through the plugin's hook with its options."""
    tally = Tally()
    run_scenario(SCENARIO, reports=[tally])
    assert (tally.taken[0], tally.taken[-1], tally.closed) == ("run", "run", 1)
    assert "event" in tally.taken
    made: list[Tally] = []

    def ocpplab_reports(options: Mapping[str, Any]) -> Iterable[Tally]:
        made.extend([Tally()] * bool(options.get("junit")))
        return made

    plugin = SimpleNamespace(ocpplab_reports=hookimpl(ocpplab_reports))
    run_scenario(SCENARIO, plugins=[plugin])
    assert not made
    run_scenario(SCENARIO, plugins=[plugin], reports={"junit": "a.xml"})
    assert made[0].taken == tally.taken


def test_a_report_that_has_no_use_for_events_gets_none() -> None:
    """As in a run of the command line."""
    tally = Tally()
    tally.takes_events = False  # type: ignore[attr-defined]
    run_scenario(SCENARIO, reports=[tally])
    assert "event" not in tally.taken


def test_what_a_report_raises_is_the_tests_own_failure() -> None:
    """It is closed all the same."""
    tally = Tally()
    tally.handle = lambda record: {}["x"]  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        run_scenario(SCENARIO, reports=[tally])
    assert tally.closed == 1
