"""What a registry is made ready with is made once for the same specs."""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.scenario.language import language_of
from ocpplab_runner.scenario.registry import Registry

from .kit import language

PLAIN = {"name": "x", "steps": [{"plug_connector": 1}]}
NEW = {"name": "x", "steps": [{"acme.plug": 1}]}


def again(of: Registry | None = None) -> Registry:
    """A registry of the same specs, the built-in ones if of no other."""
    of = of or language()
    return Registry(dict(of.verbs), dict(of.facets), dict(of.matchers))


def test_registries_of_the_same_specs_share_it() -> None:
    """They are the same language."""
    assert language_of(again()) is language_of(again())


def test_a_registry_that_grows_has_another_and_the_others_keep_theirs() -> None:
    """Whether it grows before or after it is asked."""
    growing = again()
    growing.verbs["wait"] = replace(growing.verbs["wait"])  # nobody has had just these before
    other, third = again(growing), again(growing)
    assert (language_of(growing).gate(PLAIN), language_of(growing).gate(NEW)) == (True, False)
    growing.add_verbs([replace(growing.verbs["plug_connector"], name="acme.plug")])
    assert (language_of(growing).gate(PLAIN), language_of(growing).gate(NEW)) == (True, True)
    assert language_of(other).gate(NEW) is False
    assert language_of(third).verbs.keys() == other.verbs.keys()


def test_another_spec_of_the_same_name_is_another_language() -> None:
    """A plugin's that is loaded anew, say."""
    registry = again()
    registry.facets["session"] = replace(registry.facets["session"])
    assert language_of(registry) is not language_of(again())
    assert language_of(registry).facets["session"] is registry.facets["session"]
