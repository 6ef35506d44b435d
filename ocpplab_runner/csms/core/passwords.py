"""Which passwords stations dial with: what was given, and what they have taken since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

_KEY_V16 = "authorizationkey"
_VARIABLE_V2 = ("securityctrlr", "basicauthpassword")
_SLOT_NAME, _SLOT_PASSWORD = (("networkconfiguration", name) for name in ("identity", "basicauthpassword"))
#: Answers after which a station dials with its new password, at once or after a reboot.
_TAKEN = frozenset({"Accepted", "RebootRequired"})


class Passwords:
    """Knows passwords, and follows them.

    A station that has taken a new password may dial with either until it has once used the new one (OCPP 2.0.1
    A01.FR.11 and A01.FR.12): nobody knows when it begins to.

    Args:
        passwords: identity → password, None for a station that needs none; everybody may connect when it is None.
        strangers: whether one that has none here may connect.
    """

    def __init__(self, passwords: Mapping[str, str | None] | None, *, strangers: bool = False) -> None:
        self._passwords = None if passwords is None else {name: [word] for name, word in passwords.items()}
        self._strangers = strangers

    def judge(self, identity: str, credentials: tuple[str, str] | None) -> bool | HTTPStatus:
        """Whether a station may connect; 404 for one that nobody knows (OCPP-J 1.6 section 3.2).

        Args:
            identity: of the URL.
            credentials: user and password that it gave.
        """
        if self._passwords is None:
            return True
        known = self._passwords.get(identity)
        if known is None:
            return True if self._strangers else HTTPStatus.NOT_FOUND
        if None in known:
            return True
        if credentials is None or credentials[0] != identity or (used := _used(credentials[1], known)) is None:
            return False
        # Who has used a newer one has left those before it behind.
        known[:] = known[used:]
        return True

    def taken(self, identity: str, password: str) -> None:
        """A station has been given a new one, and has accepted it."""
        if self._passwords is not None and identity in self._passwords:
            known = self._passwords[identity]
            known[:] = [word for word in known if word is not None and word != password] + [password]

    def will_take(self, identity: str, password: str) -> None:
        """A station, perhaps of another identity, has one for later with a network profile that waits (2.1)."""
        if self._passwords is not None:
            known = self._passwords.setdefault(identity, [])
            known[:] = [word for word in known if word != password] + [password]

    def secrets(self) -> Iterator[str]:
        """Every password that is known."""
        for known in (self._passwords or {}).values():
            yield from (word for word in known if word is not None)


def new_passwords(action: str, payload: Any, answer: Any) -> Iterator[str]:
    """The passwords that a call of the CSMS has given a station, as it says itself in its answer."""
    if not isinstance(payload, Mapping) or not isinstance(answer, Mapping):
        return
    if action == "ChangeConfiguration":
        if str(payload.get("key")).lower() == _KEY_V16 and answer.get("status") in _TAKEN:
            yield str(payload.get("value"))
    elif action == "SetVariables":
        asked, told = payload.get("setVariableData"), answer.get("setVariableResult")
        for one in asked if isinstance(asked, list) else ():
            if _variable(one) == _VARIABLE_V2 and _status_of(one, told) in _TAKEN:
                yield str(one.get("attributeValue"))


def new_logins(action: str, payload: Any, answer: Any) -> Iterator[tuple[str | None, str]]:
    """Identity, where it is told, and password of a network profile that a station has taken (2.1 B09)."""
    if not isinstance(payload, Mapping) or not isinstance(answer, Mapping):
        return
    if action == "SetNetworkProfile" and answer.get("status") == "Accepted":
        data = payload.get("connectionData")
        if isinstance(data, Mapping) and isinstance(data.get("basicAuthPassword"), str):
            yield data.get("identity"), data["basicAuthPassword"]
    elif action == "SetVariables":
        asked, told = payload.get("setVariableData"), answer.get("setVariableResult")
        taken = [one for one in asked if _status_of(one, told) in _TAKEN] if isinstance(asked, list) else []
        identities = {_instance(one): str(one.get("attributeValue")) for one in taken if _variable(one) == _SLOT_NAME}
        for one in taken:
            if _variable(one) == _SLOT_PASSWORD and one.get("attributeValue"):
                yield identities.get(_instance(one)) or None, str(one["attributeValue"])


def _instance(one: Any) -> str:
    """Of the component of what has one."""
    return str(one["component"].get("instance"))


def _used(given: str, known: list[str | None]) -> int | None:
    """Which of the passwords was given: as it stands or, for 1.6, as the bytes that its hexadecimal digits mean."""
    for place, word in enumerate(known):
        if word is not None and given in (word, _bytes_of(word)):
            return place
    return None


def _bytes_of(word: str) -> str:
    """OCPP-J 1.6 section 6.2 has the key as hexadecimal digits in its setting and as bytes on the wire."""
    try:
        return bytes.fromhex(word).decode("utf-8", "surrogateescape")
    except ValueError:
        return word


def _variable(data: Any) -> tuple[str, str] | None:
    if not isinstance(data, Mapping) or data.get("attributeType", "Actual") not in ("Actual", "Target"):
        return None
    names = [data.get(part) for part in ("component", "variable")]
    if not all(isinstance(one, Mapping) for one in names):
        return None
    component, variable = (str(one.get("name")).lower() for one in names if isinstance(one, Mapping))
    return component, variable


def _status_of(data: Mapping[str, Any], results: Any) -> str | None:
    wanted = _variable(data)
    for one in results if isinstance(results, list) else ():
        if _variable(one) == wanted and _instance(one) == _instance(data):
            return str(one.get("attributeStatus"))
    return None
