"""Reading the options that targets of several kinds have."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from ocpplab_runner.vocabulary.durations import duration_option


class OptionError(ValueError):
    """An option of a target is wrong; the text names it and says why.

    Args:
        where: it stands among the target's options, names with dots between.
        reason: for people.
        near: what of its value is wrong; all of it unless said.
    """

    def __init__(self, where: str, reason: str, near: str = "") -> None:
        super().__init__(f"`{where}`{reason}")
        self.where, self.near = where, near


def identities(value: Any) -> tuple[str, ...]:
    """Charger identities: a list, or a text with commas; each once.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        value = [one.strip() for one in value.split(",") if one.strip()]
    if value is not None and not isinstance(value, list | tuple):
        raise ValueError("`identities` is a list of charger identities")
    return tuple(dict.fromkeys(identity_of("identities", one) for one in value or ()))


def identity_of(name: str, value: Any) -> str:
    """A charger's identity: a text that is not empty, or a number.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(f"`{name}`: {value!r} is no identity of a charger")
    return str(value)


def text_of(name: str, options: Mapping[str, Any], default: str) -> str:
    """An option that is a text.

    Raises:
        ValueError: it is none.
    """
    value = options.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"`{name}` is a text, not {value!r}")
    return value


def credentials_of(value: Any) -> tuple[str | None, str]:
    """User (None: the identity) and password of a `basic_auth`.

    Raises:
        ValueError: it is none; the text holds no password.
    """
    if isinstance(value, str):
        user, colon, password = value.partition(":")
        return (user, password) if colon else (None, user)
    if isinstance(value, Mapping) and "password" in value and not set(value) - {"user", "password"}:
        named = value.get("user")
        return None if named is None else str(named), str(value["password"])
    raise ValueError("`basic_auth` is user:password, a password alone, or a mapping with `user` and `password`")


def listen_at(value: Any) -> tuple[str, int]:
    """Host and port of a `listen`.

    Raises:
        ValueError: it is not HOST:PORT.
    """
    host, _, port = str(value).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ip_address(host)
        if port.isascii() and port.isdecimal() and int(port) < 1 << 16:
            return host, int(port)
    except ValueError:
        pass
    raise ValueError("`listen` is HOST:PORT, the host as a number; port 0 is a free one")


def one_of(name: str, value: Any, known: tuple[str, ...]) -> str | None:
    """One of several words, or None where nothing is said.

    Raises:
        ValueError: it is none of them.
    """
    if value is None or value in known:
        return None if value is None else str(value)
    raise ValueError(f"`{name}` is {' or '.join(known)}, not {value!r}")


def some_time(name: str, options: Mapping[str, Any], default: float) -> float:
    """The seconds of an option that must be more than none.

    Raises:
        ValueError: it is no duration, or 0.
    """
    seconds = duration_option(name, options, default)
    if seconds <= 0:
        raise ValueError(f"`{name}` is longer than nothing: in no time at all nobody can answer")
    return seconds
