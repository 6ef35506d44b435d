"""``csms``: the live log and the summary, line by line."""

from __future__ import annotations

import pytest

from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.websocket import ConnectRefused, connect
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import BOOT, V16, V201, Station
from tests.tools.csms_kit import Bench, play


def told(bench: Bench) -> list[str]:
    """The log without the times."""
    return [line[14:] for line in bench.lines]


def test_a_call_its_answer_and_its_facts() -> None:
    """A line for both, then what they show; times are UTC, to the millisecond."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial()
        await station.boot()

    bench = play(scene)
    assert bench.lines[:3] == [
        "00:00:00.000  CP-1      * connected, OCPP 1.6",
        "00:00:00.000  CP-1      → BootNotification                 0 ms  "
        '{"chargePointVendor":"v","chargePointModel":"m"} ⇒ '
        '{"status":"Accepted","currentTime":"2026-01-01T00:00:00.000Z","interval":300}',
        "00:00:00.000  CP-1      · boot: Accepted, interval 300",
    ]


def test_latency_is_that_of_the_answer() -> None:
    """The time of the line is when the answer went out."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial()
        await station.boot()

    bench = play(scene, {"answer_delay": "1500ms"})
    assert bench.lines[1].startswith("00:00:01.500  CP-1      → BootNotification              1500 ms  ")


def test_calls_of_the_csms_and_errors() -> None:
    """The other way, with a CALLERROR for an answer."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial(OcppVersion.V21)
        await station.boot()
        station.answers["ClearCache"] = {"status": "Rejected"}
        await bench.program.csms.call("CP-1", "ClearCache", {}).future
        out = {"eventType": "BatteryOut", "requestId": 1, "idToken": {"idToken": "CARD-1", "type": "ISO14443"}}
        battery = {"evseId": 1, "serialNumber": "B-1", "soC": 80, "soH": 95}
        assert isinstance(await station.ask("BatterySwap", {**out, "batteryData": [battery]}), CallError)

    lines = told(play(scene))
    assert 'CP-1      ← ClearCache                       0 ms  {} ⇒ {"status":"Rejected"}' in lines
    (line,) = [one for one in lines if "BatterySwap" in one and "→" in one]
    assert line.endswith("⇒ NotSupported: this CSMS does not do BatterySwap")


def test_a_breach_has_its_rule() -> None:
    """Code, weight, what was wrong, and where the specification has it."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial()
        await station.boot()
        await station.ws.send("no message at all")

    bench = play(scene)
    assert [line for line in told(bench) if "! malformed-frame (must): " in line and "[OCPP-J 4.1.2" in line], told(
        bench
    )
    assert [line for line in told(bench) if "belongs to no call" in line]
    assert bench.program.summaries.broken


def test_what_is_not_answered() -> None:
    """A call of the CSMS that the station leaves alone ends in a line of its own."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial()
        await station.boot()
        station.session.close("silent")
        bench.program.csms.call("CP-1", "ClearCache", {})
        await station.leave()

    bench = play(scene)
    (line,) = [one for one in told(bench) if "ClearCache" in one]
    assert line == "CP-1      ← ClearCache                             {} ⇒ no answer"


def test_the_column_grows_with_the_names() -> None:
    """Names stand in one column, whoever they are; a very long one is cut."""

    async def scene(bench: Bench) -> None:
        await bench.dial(identity="CP-1")
        await bench.dial(identity="STATION-WITH-A-NAME")
        await bench.dial(identity="X" * 40)
        await bench.dial(identity="CP-2")

    marks = [line.index("*") for line in play(scene).lines[:4]]
    assert marks == [24, 14 + 19 + 2, 14 + 24 + 2, 14 + 24 + 2]


def test_the_summary() -> None:
    """Station by station: connections, boots, calls, transactions, breaches."""

    async def scene(bench: Bench) -> None:
        station: Station = await bench.dial(identity="CP-2")
        await station.boot()
        await station.start("CARD")
        await station.ask("Heartbeat")
        await station.leave()
        await bench.dial(V201, identity="CP-2")
        other = await bench.dial(V201)
        await other.ask("BootNotification", {**BOOT[V201], "reason": "Sunrise"}, validate=False)

    bench = play(scene, {"unknown_id_token": "Accepted"})
    assert list(bench.program.summaries.lines()) == [
        "CP-1: OCPP 2.0.1, connected once, no boot, 1 call from it, 0 to it, 1 CALLERROR",
        "  violation schema (must), once",
        "CP-2: OCPP 2.0.1, connected twice, boot Accepted once, 3 calls from it, 0 to it",
        "  1 transaction, of which 1 still runs",
    ]


def test_a_secret_in_a_message_is_not_shown() -> None:
    """A password that the CSMS gives stands in no line and no event."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial(V16)
        await station.boot()
        payload = {"key": "AuthorizationKey", "value": "hush-hush-hush-hush"}
        await bench.program.csms.call("CP-1", "ChangeConfiguration", payload).future
        await station.ask("DataTransfer", {"vendorId": "hush-hush-hush-hush"})

    bench = play(scene)
    assert "hush-hush" not in "".join(bench.lines) + "".join(map(str, bench.events))


def test_nobody_writes_a_line_of_its_own_into_the_log() -> None:
    """An identity comes from a URL, a reason from whoever closes: either may hold line breaks."""

    async def scene(bench: Bench) -> None:
        station = await bench.dial(identity="CP-1\n00:00:00.000  CP-2  ! forged\u2028again")
        await station.boot()
        await station.ws.close(1000, "enough\n00:00:00.000  CP-3  ! forged")

    bench = play(scene)
    printed = [line for text in (*bench.lines, *bench.program.summaries.lines()) for line in text.splitlines()]
    assert len(printed) == len(bench.lines) + 1
    assert "CP-1\\n00:00:" in printed[0]
    assert not [line for line in printed if line.startswith("00:00:00.000  CP-2")]


def test_a_url_without_an_identity() -> None:
    """Nobody is a station without a name; the log says what is wrong."""

    async def scene(bench: Bench) -> None:
        with pytest.raises(ConnectRefused, match="404"):
            await connect(f"ws://127.0.0.1:{bench.program.csms.port}/{{identity}}", identity="", versions=[V16])

    assert "refused: the URL that it dialled ends without an identity" in play(scene).lines[0]
