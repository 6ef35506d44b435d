"""Where a key belongs that stands in another mapping of the file."""

from __future__ import annotations

from ocpplab_runner.scenario.language import Language

#: Definition of the schema → what the mapping is called, in the order in which they are looked through.
_PLACES = {"charger": "given.charger", "csms": "given.csms", "given": "given", "scenario": "the top of the file"}


def where_it_belongs(language: Language, title: str, key: str) -> str:
    """A hint for a key that the file has in another place.

    Args:
        language: with its schema.
        title: of the mapping in which the key stands.
        key: as it is written.
    """
    if title not in (*_PLACES, "defaults"):
        return ""
    definitions = language.schema["definitions"]
    found = [place for name, place in _PLACES.items() if key in definitions[name].get("properties", {})]
    if key in language.modifiers:
        found.append("a step")
    return f"'{key}' belongs into {found[0]}" if found else ""
