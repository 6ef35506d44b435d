"""``csms --stations``: who may connect, and what becomes of passwords that the CSMS changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.ocppj.tls import ClientTls
from ocpplab_runner.ocppj.websocket import ConnectRefused, connect
from tests.acceptance.certificates import self_signed
from tests.csms.stations import V16, V201
from tests.tools.csms_kit import Bench, play


def set_variable(password: str, component: str = "SecurityCtrlr", **more: Any) -> dict[str, Any]:
    """The payload that gives a 2.x station a password."""
    variable = {"component": {"name": component}, "variable": {"name": "BasicAuthPassword"}}
    return {"setVariableData": [{**variable, "attributeValue": password, **more}]}


def set_result(status: str) -> dict[str, Any]:
    """A station's answer to that."""
    variable = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    return {"setVariableResult": [{**variable, "attributeStatus": status}]}


def key(password: str) -> dict[str, Any]:
    """The payload that gives a 1.6 station a password."""
    return {"key": "AuthorizationKey", "value": password}


CHANGES = {
    "1.6": (V16, "ChangeConfiguration", key("second-word-16ch"), {"status": "Accepted"}, True),
    "1.6, after a reboot": (
        V16,
        "ChangeConfiguration",
        key("second-word-16ch"),
        {"status": "RebootRequired"},
        True,
    ),
    "1.6, refused": (V16, "ChangeConfiguration", key("second-word-16ch"), {"status": "Rejected"}, False),
    "1.6, another key": (
        V16,
        "ChangeConfiguration",
        {"key": "HeartbeatInterval", "value": "second-word-16ch"},
        {"status": "Accepted"},
        False,
    ),
    "2.0.1": (V201, "SetVariables", set_variable("second-word-16ch"), set_result("Accepted"), True),
    "2.0.1, refused": (V201, "SetVariables", set_variable("second-word-16ch"), set_result("Rejected"), False),
}


@pytest.mark.parametrize(("version", "action", "payload", "answer", "taken"), CHANGES.values(), ids=CHANGES)
def test_a_password_is_followed(version: Any, action: str, payload: Any, answer: Any, taken: bool) -> None:
    """The new one lets in once the station has taken it; the old one does until the new one has been used."""

    async def scene(bench: Bench) -> None:
        async def lets_in(password: str) -> bool:
            try:
                station = await bench.dial(version, password=password)
            except ConnectRefused as refused:
                assert "401" in str(refused)
                return False
            await station.leave()
            return True

        station = await bench.dial(version, password="first-word")
        station.answers[action] = answer
        await bench.program.csms.call("CP-1", action, payload).future
        await station.leave()
        assert await lets_in("first-word")
        assert await lets_in("second-word-16ch") == taken
        assert await lets_in("first-word") != taken

    bench = play(scene, passwords={"CP-1": "first-word"})
    assert not [line for line in bench.lines if "second-word-16ch" in line] or not taken
    assert not [event for event in bench.events if "first-word" in str(event)]


def test_a_key_of_1_6_as_its_bytes() -> None:
    """OCPP-J 1.6 has the key as hexadecimal digits in the setting and as bytes on the wire."""

    async def scene(bench: Bench) -> None:
        await bench.dial(password="wordword")

    play(scene, passwords={"CP-1": b"wordword".hex()})


@pytest.mark.parametrize(
    ("identity", "password", "path", "why"),
    [
        ("CP-1", "wrong", "/ocpp", "401"),
        ("CP-1", None, "/ocpp", "401"),
        ("CP-9", "right", "/ocpp", "404"),
        ("CP-1", "right", "/other", "404"),
    ],
    ids=["wrong password", "none", "unknown station", "wrong path"],
)
def test_who_is_refused(identity: str, password: str | None, path: str, why: str) -> None:
    """The log says who and why."""

    async def scene(bench: Bench) -> None:
        with pytest.raises(ConnectRefused, match=why):
            await bench.dial(identity=identity, password=password, path=path)

    bench = play(scene, passwords={"CP-1": "right", "CP-2": None}, path="/ocpp")
    assert [line for line in bench.lines if identity in line and "refused" in line], bench.lines


def test_who_needs_no_password() -> None:
    """A station with ``null`` may connect with none, and with any."""

    async def scene(bench: Bench) -> None:
        await bench.dial(identity="CP-2")
        await bench.dial(identity="CP-2", password="whatever")

    play(scene, passwords={"CP-2": None})


def test_tls_and_who_does_not_speak_it(tmp_path: Path) -> None:
    """``--cert`` serves wss://; a handshake that fails is told, though nobody knows whose it was."""
    both, ca = self_signed(tmp_path)

    async def scene(bench: Bench) -> None:
        url = bench.program.url
        assert url.startswith("wss://127.0.0.1:")
        ws, _ = await connect(url, identity="CP-1", versions=[V16], ssl=ClientTls(ca=str(ca)).context("CP-1"))
        await ws.close()
        with pytest.raises(ConnectRefused):
            await connect(url.replace("wss", "ws"), identity="CP-1", versions=[V16])

    lines = [line[14:] for line in play(scene, cert=str(both), virtual=False).lines]
    assert [line for line in lines if line.startswith("?") and "* refused: the station speaks ws://" in line]
