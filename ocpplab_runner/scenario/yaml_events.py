"""PyYAML's events: from its C parser, or from the pure Python one where libyaml is missing."""

from __future__ import annotations

from typing import Any

from yaml.events import ScalarEvent


def events(text: str) -> Any:
    """A function that gives the next event of a text.

    Raises: the function raises ``yaml.YAMLError``.
    """
    try:
        from yaml import CBaseLoader
    except ImportError:
        return pure_python_events(text)
    return CBaseLoader(text).get_event


def pure_python_events(text: str) -> Any:
    """The same events without libyaml."""
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class PurePython(Reader, Scanner, Parser):
        def __init__(self) -> None:
            Reader.__init__(self, text)
            Scanner.__init__(self)
            Parser.__init__(self)

    reader: Any = PurePython
    get_event = reader().get_event

    def checked() -> Any:
        event = get_event()
        if event.__class__ is ScalarEvent:
            event.value.encode()  # an escaped lone surrogate, which libyaml refuses
        return event

    return checked
