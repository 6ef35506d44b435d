"""The proxy passes on what crosses as it is, and tells of it without secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, cast

import pytest
from websockets.exceptions import ConnectionClosed

from ocpplab_runner import clock
from ocpplab_runner.csms import CsmsConfig
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.urls import forward
from ocpplab_runner.ocppj.websocket import Connection, WebSocket, connect, serve
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.tools.csms.program import CsmsProgram, CsmsSettings
from ocpplab_runner.tools.recording.proxy import ProxySettings, RecordingProxy
from ocpplab_runner.tools.traffic.watching import redacted
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion


class Between:
    """A CSMS, a proxy before it, and what each has seen."""

    def __init__(self, csms: CsmsProgram, upstream: str, **settings: Any) -> None:
        self.csms = csms
        self.seen: list[Event] = []
        redactor = Redactor()
        self.proxy = RecordingProxy(ProxySettings(upstream=upstream, host="127.0.0.1", port=0, **settings), redactor)
        self.proxy.subscribe(lambda event: self.seen.append(redacted(event, redactor)))

    async def dial(
        self, *versions: OcppVersion, path: str = "", identity: str = "CP-1", password: str | None = None
    ) -> WebSocket:
        """Connect a charger to the proxy; raises ConnectRefused."""
        auth = None if password is None else (identity, password)
        ws, _ = await connect(
            f"{self.proxy.url}{path}", identity=identity, versions=versions or (V16,), basic_auth=auth
        )
        return ws

    def frames(self) -> list[tuple[str, str, str]]:
        """Direction, kind and action of each frame."""
        return [(e.fields["direction"], e.fields["type"], e.name) for e in self.seen if e.kind == "frame"]


def play(
    scene: Callable[[Between], Awaitable[None]],
    *,
    upstream: Callable[[CsmsProgram], str] = lambda csms: f"ws://127.0.0.1:{csms.csms.port}",
    csms: dict[str, Any] | None = None,
    **settings: Any,
) -> Between:
    """Run a scene between a charger and the built-in CSMS."""

    async def main() -> Between:
        program = CsmsProgram(CsmsSettings(config=CsmsConfig.from_given({}), **csms or {}), random=Random(1))
        await program.start()
        between = Between(program, upstream(program), **settings)
        await between.proxy.start()
        try:
            await scene(between)
        finally:
            await between.proxy.stop()
            await program.stop()
        return between

    return clock.run(main())


BOOT = '[2,"1","BootNotification",{"chargePointVendor":"v","chargePointModel":"m"}]'


@pytest.mark.parametrize("version", OcppVersion)
def test_a_call_and_its_answer_cross(version: OcppVersion) -> None:
    async def scene(between: Between) -> None:
        ws = await between.dial(version)
        assert ws.subprotocol == version.subprotocol
        await ws.send('[2,"1","Heartbeat",{}]')
        assert str(await ws.recv()).startswith('[3,"1",{"currentTime"')
        await ws.close()

    done = play(scene)
    assert done.frames() == [("to_csms", "call", "Heartbeat"), ("to_charger", "result", "Heartbeat")]
    opened, *_, closed = [event for event in done.seen if event.name == "connection"]
    assert opened.fields == {"is": "opened", "ocpp": version.value}
    assert closed.fields == {"is": "closed", "by": "charger", "code": 1000}


def test_the_subprotocol_is_the_one_that_the_csms_picks() -> None:
    async def scene(between: Between) -> None:
        ws = await between.dial(V16, V201, V21)
        assert ws.subprotocol == V201.subprotocol
        await ws.close()

    play(scene, csms={"versions": (V201,)})


def test_only_the_versions_that_are_let_pass_are_offered() -> None:
    async def scene(between: Between) -> None:
        ws = await between.dial(V16, V201)
        assert ws.subprotocol == V16.subprotocol
        await ws.close()
        with pytest.raises(ConnectRefused) as refused:
            await between.dial(V201)
        assert refused.value.reason == "subprotocol"

    assert any(event.name == "refused: it offered ocpp2.0.1" for event in play(scene, versions=(V16,)).seen)


def test_what_the_csms_refuses_is_refused_and_no_password_is_told() -> None:
    async def scene(between: Between) -> None:
        for password, status in (("wrong-password", 401), ("right-password", None)):
            try:
                ws = await between.dial(password=password)
                await ws.send(BOOT.replace('"m"', f'"{password}"'))
                await ws.recv()
                await ws.close()
                assert status is None
            except ConnectRefused as refused:
                assert refused.status == status
        with pytest.raises(ConnectRefused) as unknown:
            await between.dial(identity="CP-2")
        assert unknown.value.status == 404

    done = play(scene, csms={"passwords": {"CP-1": "right-password"}})
    assert ("to_csms", "call", "BootNotification") in done.frames()
    assert "password" not in "".join(str(event.to_json()) for event in done.seen)


def test_a_csms_that_is_not_there_is_a_bad_gateway() -> None:
    async def scene(between: Between) -> None:
        await between.csms.stop()
        with pytest.raises(ConnectRefused) as refused:
            await between.dial()
        assert refused.value.status == 502

    assert any(event.name.startswith("refused: cannot reach") for event in play(scene).seen)


@pytest.mark.parametrize("sent", ["this is no OCPP", b"\xff\x00", '[2,"7","Heartbeat",{"surplus":1}]', "{}", ""])
def test_what_is_invalid_passes_unchanged_and_is_marked(sent: str | bytes) -> None:
    async def scene(between: Any) -> None:
        ws = await between.dial()
        await ws.send(sent)
        await ws.send('[2,"8","Heartbeat",{}]')
        while '"8"' not in str(await ws.recv()):
            pass
        await ws.close()
        received = [event for event in between.csms_events if event.kind == "frame"]
        assert received[0].fields.get("text", "") == (
            sent.decode("utf-8", "backslashreplace") if isinstance(sent, bytes) else sent
        ) or received[0].fields.get("payload") == {"surplus": 1}

    done = play(_watched(scene))
    first = next(event for event in done.seen if event.kind == "frame")
    assert first.fields["type"] == "malformed" or "invalid" in first.fields
    assert any(event.kind == "violation" and event.fields["by"] == "charger" for event in done.seen)


def _watched(scene: Callable[[Any], Awaitable[None]]) -> Callable[[Between], Awaitable[None]]:
    async def watched(between: Any) -> None:
        between.csms_events = []
        between.csms.subscribe(between.csms_events.append)
        await scene(between)

    return watched


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_the_code_with_which_a_charger_ends_is_told(code: int) -> None:
    async def scene(between: Between) -> None:
        ws = await between.dial()
        await ws.close(code, "because")
        await asyncio.sleep(1)

    assert play(scene).seen[-1].fields == {"is": "closed", "by": "charger", "code": code, "reason": "because"}


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999, None])
def test_the_code_with_which_a_csms_ends_is_passed_on(code: int | None) -> None:
    async def scene(between: Between) -> None:
        ws = await between.dial()
        with pytest.raises(ConnectionClosed) as closed:
            await ws.recv()
        received = closed.value.rcvd
        assert received is not None
        assert (received.code, received.reason) == ((1005, "") if code is None else (code, "because"))
        await asyncio.sleep(1)

    async def end(connection: Connection) -> None:
        await connection.ws.close(cast(int, code), "because" if code else "")

    async def main() -> None:
        server = await serve("127.0.0.1", 0, versions=[V16], on_connection=end)
        program = CsmsProgram(CsmsSettings(config=CsmsConfig.from_given({})), random=Random(1))
        between = Between(program, f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}")
        await between.proxy.start()
        await scene(between)
        await between.proxy.stop()
        server.close()
        await server.wait_closed()
        assert between.seen[-1].fields["by"] == "csms"

    clock.run(main())


def test_the_end_of_a_recording_is_told_as_such() -> None:
    async def scene(between: Between) -> None:
        await between.dial()

    assert play(scene).seen[-1].fields == {"is": "closed", "reason": "the recording has ended"}


def test_a_cut_is_passed_on_as_a_cut() -> None:
    async def scene(between: Between) -> None:
        ws = await between.dial()
        ws.transport.abort()
        await asyncio.sleep(1)

    assert play(scene).seen[-1].fields == {"is": "closed", "reason": "the connection was dropped"}


@pytest.mark.parametrize(
    ("url", "target", "dialled"),
    [
        ("ws://csms", "/ocpp/CP-1", "ws://csms/ocpp/CP-1"),
        ("ws://csms/", "/a/b/CP-1?x=1", "ws://csms/a/b/CP-1?x=1"),
        ("wss://csms/steve", "/ocpp/CP-1", "wss://csms/steve/CP-1"),
        ("ws://csms/{identity}/ocpp", "/CP-1", "ws://csms/CP-1/ocpp"),
        ("ws://csms?tenant=7", "/CP-1?x=1", "ws://csms/CP-1?tenant=7&x=1"),
        ("ws://csms", "/CP%201", "ws://csms/CP%201"),
        ("ws://csms", "/CP:1", "ws://csms/CP:1"),
    ],
)
def test_where_a_charger_is_led(url: str, target: str, dialled: str) -> None:
    assert forward(url, target).url == dialled
