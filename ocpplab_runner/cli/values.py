"""Command-line values of a kind of their own: variables, shards, durations, token maps."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from ocpplab_runner.redaction.names import is_sensitive
from ocpplab_runner.scenario.plain_yaml import PlainYamlError, read_plain_yaml
from ocpplab_runner.vocabulary.numbers import is_number

#: What stands for no password in a file in which everything is text.
_NO_PASSWORD = frozenset({"", "~", "null"})


class NamedPath(click.Path):
    """A path that names something: an empty one would be the working directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            click.BadParameter: it names nothing, or the wrong kind of thing.
        """
        if not str(value):
            self.fail(f"the name of the {self.name} is empty", param, ctx)
        return super().convert(value, param, ctx)


class ReportPath(NamedPath):
    """Where a report goes: a file, whose name is not that of standard output elsewhere."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            click.BadParameter: it names no file.
        """
        text = str(value)
        if text == "-":
            self.fail("standard output is /dev/stdout; a file of this name is ./-", param, ctx)
        if "\0" in text:
            self.fail("no file has a NUL in its name", param, ctx)
        return super().convert(value, param, ctx)


REPORT_PATH = ReportPath()
REPORT_DIRECTORY = click.Path(file_okay=False, path_type=Path)


def variables(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """``NAME=TEXT`` and ``NAME:=JSON``; text stays text, so that a card of digits stays one.

    Raises:
        click.BadParameter: one of them is neither.
    """
    from ocpplab_runner.engine.planning.variables import parse_variables

    try:
        return parse_variables(values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def check_variables(
    given: Mapping[str, Any], declared: Mapping[str, Sequence[Any]], secret: Collection[str] = ()
) -> list[str]:
    """Hold the command line's variables against those of the scenarios.

    Args:
        given: as :func:`variables` gives them.
        declared: every variable that some scenario has or uses → the values it has there.
        secret: the variables whose values nobody may see.

    Returns:
        notes on text that stands for something else.

    Raises:
        click.UsageError: one of them is no scenario's.
    """
    notes = []
    for name, value in given.items():
        if name not in declared:
            from ocpplab_runner.scenario.suggest import did_you_mean

            there = f"there are {', '.join(sorted(declared))}" if declared else "they have none"
            raise click.UsageError(
                f"--var: no scenario has a variable '{name}'; {did_you_mean(name, declared) or there}"
            )
        kind = _kind(declared[name])
        # `--var LIMIT=10` stays text, though a comparison with a number would never hold.
        if kind and isinstance(value, str) and _kind([_read(value)]) == kind:
            shown = "…" if name in secret or is_sensitive(name) else value
            notes.append(f"note: --var {name}={shown} is text, and '{name}' is {kind}: --var {name}:={shown}")
    return notes


def _kind(values: Sequence[Any]) -> str:
    if values and all(isinstance(value, bool) for value in values):
        return "true or false"
    if values and all(is_number(value) for value in values):
        return "a number"
    return ""


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def shard(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """``I/N``, both from 1; raises click.BadParameter."""
    if value is None:
        return None
    index, slash, of = value.partition("/")
    if not (slash and index.isdecimal() and of.isdecimal() and 1 <= int(index) <= int(of)):
        raise click.BadParameter(f"{value!r} is not I/N with I from 1 to N, such as 2/4")
    return int(index), int(of)


def seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A duration as scenarios write it, in seconds; raises click.BadParameter."""
    if value is None:
        return None
    from ocpplab_runner.vocabulary.durations import parse_duration

    try:
        return parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def address(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """``HOST:PORT``, the host a numeric address; raises click.BadParameter."""
    if value is None:
        return None
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ip_address(host)
    except ValueError:
        colon = ""
    if not (colon and port.isascii() and port.isdecimal() and int(port) < 1 << 16):
        raise click.BadParameter(f"{value!r} is not HOST:PORT with a numeric address, such as 0.0.0.0:9000")
    return host, int(port)


def token_map(values: tuple[str, ...]) -> dict[str, str]:
    """Scenario card → real card, from ``CARD=REAL`` pairs and YAML files that hold a mapping.

    Raises:
        click.UsageError: one of them is neither.
    """
    cards: dict[str, str] = {}
    for value in values:
        path = Path(value)
        if path.is_file():
            data = _read_mapping("--token-map", path)
            if not all(isinstance(real, str) and real for real in data.values()):
                raise click.UsageError(f"--token-map {path}: it must hold a mapping of scenario cards to real cards")
            cards |= data
            continue
        card, equals, real = value.partition("=")
        if not (equals and card and real):
            raise click.UsageError(f"--token-map {value!r} is neither a file nor CARD=REAL")
        cards[card] = real
    return cards


def card_files(paths: Iterable[Path]) -> dict[str, Any]:
    """Real card → what the CSMS knows of it, from YAML files that hold such a mapping.

    Raises:
        click.UsageError: one of them does not.
    """
    cards: dict[str, Any] = {}
    for path in paths:
        cards |= _read_mapping("--cards", path)
    return cards


def _read_mapping(option: str, path: Path) -> dict[str, Any]:
    try:
        data = read_plain_yaml(path, texts=True)
    except PlainYamlError as error:
        raise click.UsageError(f"{option} {error}") from error
    if not isinstance(data, dict) or not all(isinstance(card, str) and card for card in data):
        raise click.UsageError(f"{option} {path}: it must hold a mapping of cards")
    return data


def passwords_of(path: Path) -> dict[str, str | None]:
    """Identity → password, None for a station that needs none, from a YAML file that holds such a mapping.

    ``${{ env.NAME }}`` stands for what the environment holds.

    Raises:
        click.UsageError: it holds something else; the text shows no password.
    """
    from ocpplab_runner.targets.configuration import ConfigurationError, from_environment

    try:
        data = read_plain_yaml(path, texts=True)
    except PlainYamlError as error:
        raise click.UsageError(f"--stations {error}") from error
    if not isinstance(data, dict) or not all(isinstance(word, str) and name for name, word in data.items()):
        raise click.UsageError(f"--stations {path}: it must hold a mapping of identities to passwords, `null` for none")
    passwords: dict[str, str | None] = {}
    for name, word in data.items():
        try:
            passwords[str(name)] = None if word in _NO_PASSWORD else from_environment(word, f"--stations {path}")
        except ConfigurationError as error:
            raise click.UsageError(str(error)) from error
    return passwords
