"""Words of the language that are no verb, facet or matcher: settings, faults, states, modifiers, fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ocpplab_runner.scenario.given_schema import setting_schema
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.schema import MODIFIERS, build_schema
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.states import STATES, State

#: Name → one line that says what it is.
Lines = Mapping[str, str]


class Words:
    """What can be asked for beside verbs, facets and matchers.

    Args:
        registry: of the language.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        #: Singular of a topic → its words.
        self._topics: dict[str, Lines] = {
            "setting": {name: str(setting_schema(one)["description"]) for name, one in SETTINGS.items()},
            "fault": {name: _fault(name) for name in FAULTS},
            "state": {name: _state(state) for name, state in STATES.items()},
            "modifier": _modifiers(registry),
        }

    def names(self) -> list[str]:
        """Every word that :meth:`blocks` knows."""
        fields = [field.name for spec in self._specs() for field in spec.fields]
        return [*(f"{topic}s" for topic in self._topics), *(word for t in self._topics.values() for word in t), *fields]

    def blocks(self, name: str, align: int) -> Iterator[str]:
        """What there is to say of a name: one block of lines for each thing that it is.

        Args:
            name: as the user has typed it.
            align: column at which descriptions begin.
        """
        for topic, words in self._topics.items():
            if name == f"{topic}s":
                yield "\n".join([name.capitalize(), *rows(words, align)])
            elif name in words:
                yield f"{name} ({topic}): {words[name]}"
        found = {spec.name: field.description for spec in self._specs() for field in spec.fields if field.name == name}
        if found:
            yield "\n".join([f"{name} (field)", *rows(found, align)])

    def _specs(self) -> list[Any]:
        return [*self._registry.verbs.values(), *self._registry.facets.values()]


def rows(words: Lines, align: int) -> Iterator[str]:
    """Names with what they mean, in columns that never touch."""
    width = max([align, *(len(name) + 2 for name in words)])
    for name, meaning in words.items():
        yield f"  {name:<{width}}{meaning}"


def _fault(name: str) -> str:
    fault = FAULTS[name]
    effect = "the connector is Faulted" if fault.inoperative else "reported; charging goes on"
    return f"{fault.error_code}; {effect}."


def _state(state: State) -> str:
    return f"{state.description} Fields: {', '.join(state.fields)}." if state.fields else state.description


def _modifiers(registry: Registry) -> Lines:
    definitions = build_schema(registry)["definitions"]
    properties = definitions["step"]["properties"]
    found = {}
    for name in MODIFIERS:
        schema = properties[name]
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        found[name] = str(schema["description"])
    return found
