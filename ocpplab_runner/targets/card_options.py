"""Real cards as people list them for a target: what stands in files may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms import Card
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.texts import shortened

_SHOWN = 60


def cards_option(value: Any) -> dict[str, Card]:
    """``cards``: real card → what the CSMS knows of it, as in ``given.csms.id_tokens``.

    Raises:
        ValueError: it is no such mapping, or two cards are the same one.
    """
    listed = _named("cards", value, "maps the CSMS's real cards to what they are, as given.csms.id_tokens does")
    return {name: _card(name, data) for name, data in listed.items()}


def tokens_option(value: Any) -> dict[str, str]:
    """``tokens``: a scenario's card or group → the real one.

    Raises:
        ValueError: it is no such mapping.
    """
    listed = _named("tokens", value, "maps a scenario's cards to real ones")
    return {name: _name("tokens", real) for name, real in listed.items()}


def status_option(what: str, value: Any) -> AuthorizationStatus:
    """A status.

    Raises:
        ValueError: there is no such one.
    """
    try:
        return AuthorizationStatus(value)
    except ValueError:
        shown = shortened(repr(value), _SHOWN)
        raise ValueError(f"`{what}`: {shown} is none of {', '.join(AuthorizationStatus)}") from None


def _named(option: str, value: Any, meaning: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"`{option}` {meaning}")
    found: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for written, data in value.items():
        name = _name(option, written)
        other = spelled.setdefault(name.casefold(), name)
        if name in found or other != name:
            raise ValueError(f"`{option}`: {other} and {name} are the same card; letter case makes no other")
        found[name] = data
    return found


def _name(option: str, value: Any) -> str:
    name = str(value)
    if isinstance(value, bool | list | dict | None) or not name.strip() or not name.isprintable():
        raise ValueError(f"`{option}`: {shortened(repr(value), _SHOWN)} is no number of a card that could be printed")
    return name


def _card(name: str, data: Any) -> Card:
    what = f"cards: {shortened(name, _SHOWN)}"
    group = data.get("parent_id_token") if isinstance(data, Mapping) else None
    status_option(what, data.get("status") if isinstance(data, Mapping) else data)
    if group is not None:
        group = _name(f"{what}: parent_id_token", group)
        data = {**data, "parent_id_token": group}
    try:
        return Card.from_given(data)
    except ValueError as error:
        raise ValueError(f"`{what}`: {error}") from error
