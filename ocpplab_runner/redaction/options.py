"""The secrets in what a target is told: under sensitive names, in URLs, and from the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from ocpplab_runner.redaction.names import is_of_the_environment, is_sensitive, sensitive_values, texts_in

#: A shorter value of a query is no token.
_SHORTEST_TOKEN: Final = 8


class Consulted(Mapping[str, str]):
    """An environment that remembers what was asked of it.

    Args:
        environment: name → value.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._asked: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """The value of that name; remembered."""
        self._asked[name] = self._environment[name]
        return self._asked[name]

    def __iter__(self) -> Iterator[str]:
        """Every name that there is."""
        return iter(self._environment)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._environment)

    def secrets(self) -> Iterator[str]:
        """What was asked for under names of secrets."""
        return (value for name, value in self._asked.items() if is_of_the_environment(name))


def option_secrets(options: Any) -> Iterator[Any]:
    """What nobody may see of a target's options.

    Of a URL: the password, what its query holds under a sensitive name, and every longer value of the query.
    """
    yield from sensitive_values(options)
    for text in texts_in(options):
        if "://" in text:
            yield from _of_url(text)


def _of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.password:
        # What quotes the URL has it as it is written, and what uses it as it is meant.
        yield from (parts.password, unquote(parts.password))
    for name, value in parse_qsl(parts.query):
        if value and (is_sensitive(name) or len(value) >= _SHORTEST_TOKEN):
            yield value
