"""The target station: preparation, hands, verdicts for stations that misbehave, and how a station is left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.certificates.reading import hash_data
from ocpplab_runner.ocppj.plug_and_charge import request
from ocpplab_runner.ocppj.websocket import WebSocket, connect
from ocpplab_runner.plugin.stage import BlockedError, GraveComplaint, InfrastructureError, Outcome
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.targets.station_kit import URL, HandyRig, Lab, lab, on_the_bench

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
CHARGING = ("charging", {"id_tag": "CARD-1"})
CARD = {"id_tokens": {"CARD-1": "Accepted"}}


@VERSIONS
def test_a_case_has_its_settings_and_the_station_its_own_again(tmp_path: Path, version: str) -> None:
    """Read before, put back after; nothing is left in the journal."""

    async def main() -> None:
        async with on_the_bench(version, settings={"connection_timeout": "77s", "cache_enabled": False}) as charger:
            before = charger.values()
            async with lab(tmp_path) as worker:
                stage = await worker.set_up(charger={"settings": {"connection_timeout": "20s"}}, version=version)
                assert charger.values()["connection_timeout"] == "20"
                assert charger.values()["cache_enabled"] == "true"  # the language's default
                assert list(await stage.close()) == []
            assert charger.values() == before
            assert list(tmp_path.iterdir()) == []

    clock.run(main())


@VERSIONS
def test_what_a_case_changes_itself_is_put_back_before_the_next(tmp_path: Path, version: str) -> None:
    """A step's own change is noted before it is sent."""
    key = {"key": "ResetRetries", "value": "7"}
    variable = {"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStartPoint"}, "attributeValue": "Authorized"}

    async def main() -> None:
        async with on_the_bench(version) as charger, lab(tmp_path) as worker:
            before = charger.values()
            stage = await worker.set_up(version=version)
            if version == "1.6":
                await stage.call("charger", "ChangeConfiguration", key)
            else:
                await stage.call("charger", "SetVariables", {"setVariableData": [variable]})
            await asyncio.sleep(1)
            assert charger.values() != before
            await stage.close()
            await (await worker.set_up(version=version)).close()
            assert charger.values() == before

    clock.run(main())


PERIODS = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}]}
PROFILE = {"stackLevel": 1, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Relative"}
BEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
NOTE = {"id": 5, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "hello"}}
TARIFF = {"tariffId": "T-1", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.3}]}}
#: What is installed: its call, and the one that takes it away.
INSTALLED: dict[str, tuple[str, str, dict[str, Any], str, dict[str, Any]]] = {
    "profile of 1.6": (
        "1.6",
        "SetChargingProfile",
        {"connectorId": 0, "csChargingProfiles": {"chargingProfileId": 7, **PROFILE, "chargingSchedule": PERIODS}},
        "ClearChargingProfile",
        {"id": 7},
    ),
    "profile": (
        "2.0.1",
        "SetChargingProfile",
        {"evseId": 0, "chargingProfile": {"id": 7, **PROFILE, "chargingSchedule": [{"id": 1, **PERIODS}]}},
        "ClearChargingProfile",
        {"chargingProfileId": 7},
    ),
    "reservation of 1.6": (
        "1.6",
        "ReserveNow",
        {"connectorId": 1, "expiryDate": "2099-01-01T00:00:00Z", "idTag": "CARD-1", "reservationId": 4},
        "CancelReservation",
        {"reservationId": 4},
    ),
    "reservation": (
        "2.1",
        "ReserveNow",
        {"id": 4, "expiryDateTime": "2099-01-01T00:00:00Z", "idToken": {"idToken": "CARD-1", "type": "ISO14443"}},
        "CancelReservation",
        {"reservationId": 4},
    ),
    "monitor": (
        "2.0.1",
        "SetVariableMonitoring",
        {"setMonitoringData": [{"value": 9000, "type": "UpperThreshold", "severity": 3, **POWER}]},
        "ClearVariableMonitoring",
        {"id": [1]},
    ),
    "message": ("2.0.1", "SetDisplayMessage", {"message": NOTE}, "ClearDisplayMessage", {"id": 5}),
    "tariff": (
        "2.1",
        "SetDefaultTariff",
        {"evseId": 1, "tariff": TARIFF},
        "ClearTariffs",
        {"tariffIds": ["T-1"], "evseId": 1},
    ),
    "limit": (
        "2.1",
        "SetVariables",
        {"setVariableData": [{"attributeType": "MaxSet", "attributeValue": "900", **BEAT}]},
        "SetVariables",
        {"setVariableData": [{"attributeType": "MaxSet", "attributeValue": "2147483647", **BEAT}]},
    ),
}


@pytest.mark.parametrize(("version", "action", "payload", "undoing", "undone"), INSTALLED.values(), ids=INSTALLED)
def test_what_a_case_installs_is_taken_away(
    tmp_path: Path, version: str, action: str, payload: dict[str, Any], undoing: str, undone: dict[str, Any]
) -> None:
    """By the last call but those that bring the station to rest; once, and not where it was refused."""

    async def main() -> None:
        async with on_the_bench(version) as charger, lab(tmp_path, rig=HandyRig(charger)) as worker:
            stage = await worker.set_up(csms=CARD, version=version)
            await stage.call("charger", action, payload)
            await asyncio.sleep(1)
            before = len(worker.calls(undoing))
            assert list(await stage.close()) == []
            assert worker.calls(undoing)[before:] == [undone]

            await charger.perform("charger_reply", {"to": action, "error": "NotSupported"})
            stage = await worker.set_up(csms=CARD, version=version)
            await stage.call("charger", action, payload)
            await asyncio.sleep(1)
            before = len(worker.calls(undoing))
            assert list(await stage.close()) == []
            assert [one for one in worker.calls(undoing)[before:] if action != undoing] == []

    clock.run(main())


def test_a_root_of_plug_and_charge_is_taken_away_as_it_came(tmp_path: Path) -> None:
    """By DataTransfer in 1.6, and only where that is allowed."""
    root = Mint("Operator", random=Random(5)).authority(clock.VIRTUAL_EPOCH)
    payload = request("InstallCertificate", {"certificateType": "MORootCertificate", "certificate": root.pem})
    name = hash_data(root.certificate, root.certificate)

    async def main() -> None:
        async with on_the_bench("1.6") as charger:
            async with lab(tmp_path, rig=HandyRig(charger)) as worker:
                stage = await worker.set_up(csms=CARD, version="1.6")
                with pytest.raises(BlockedError, match="certificates"):
                    await stage.call("charger", "DataTransfer", payload)
                await stage.close()
            async with lab(tmp_path, rig=HandyRig(charger), allow=["certificates"]) as worker:
                stage = await worker.set_up(csms=CARD, version="1.6")
                await stage.call("charger", "DataTransfer", payload)
                await asyncio.sleep(1)
                assert list(await stage.close()) == []
                assert worker.calls("DataTransfer") == [
                    payload,
                    request("DeleteCertificate", {"certificateHashData": name}),
                ]

    clock.run(main())


def test_what_cannot_be_taken_away_is_a_complaint(tmp_path: Path) -> None:
    """The station keeps a message that was shown for a case."""

    async def main() -> None:
        async with on_the_bench("2.0.1") as charger, lab(tmp_path) as worker:
            stage = await worker.set_up(version="2.0.1")
            await stage.call("charger", "SetDisplayMessage", {"message": NOTE})
            await asyncio.sleep(1)
            await charger.perform("charger_reply", {"to": "ClearDisplayMessage", "error": "InternalError"})
            (complaint,) = await stage.close()
            assert "CP-1 is not left as it was: ClearDisplayMessage was answered with the CALLERROR" in complaint

    clock.run(main())


async def kill_in_a_case(run: AbstractAsyncContextManager[Lab]) -> None:
    """End a run that has given the station another timeout: nothing is wound up."""
    worker = await run.__aenter__()
    await worker.set_up(charger={"settings": {"connection_timeout": "20s"}})
    assert worker.target._reception is not None
    await worker.target._reception.csms.stop()


def test_what_a_killed_run_has_left_the_next_puts_back_first(tmp_path: Path) -> None:
    """The journal is on disk before the station is changed."""

    async def main() -> None:
        async with on_the_bench(settings={"connection_timeout": "77s"}) as charger:
            before = charger.values()
            killed = lab(tmp_path)
            await kill_in_a_case(killed)
            (journal,) = tmp_path.glob("*.json")
            assert json.loads(journal.read_text())["station"] == "CP-1"
            assert json.loads(journal.read_text())["settings"] == {"ConnectionTimeOut": "77"}

            async with lab(tmp_path) as worker:
                await (await worker.set_up()).close()
                assert any("put back: ConnectionTimeOut = 77" in note for note in worker.notes())
            assert charger.values() == before
            assert not journal.exists()

    clock.run(main())


@VERSIONS
def test_no_transaction_is_left_open(tmp_path: Path, version: str) -> None:
    """What a case leaves charging is stopped, and the car is gone."""

    async def main() -> None:
        async with on_the_bench(version) as charger, lab(tmp_path, rig=HandyRig(charger)) as worker:
            stage = await worker.set_up(csms=CARD, state=CHARGING, version=version)
            assert list(await stage.close()) == []
            stage = await worker.set_up(version=version)
            assert stage.chargers["charger"].status(1) == "Available"  # type: ignore[attr-defined]

    clock.run(main())


def test_a_transaction_that_cannot_be_ended_is_told_and_its_station_lent_to_nobody(tmp_path: Path) -> None:
    """It refuses the remote stop, and the rig's hands are tied."""

    async def main() -> None:
        async with on_the_bench() as charger, lab(tmp_path, rig=HandyRig(charger)) as worker:
            stage = await worker.set_up(csms=CARD, state=CHARGING)
            await charger.perform(
                "charger_reply", {"to": "RemoteStopTransaction", "payload": {"status": "Rejected"}, "times": 9}
            )
            worker.target._options.rig.charger = None  # type: ignore[union-attr]
            (complaint,) = await stage.close()
            assert isinstance(complaint, GraveComplaint)
            assert "transaction" in complaint
            with pytest.raises(BlockedError, match="left something open"):
                await worker.set_up()

    clock.run(main())


@VERSIONS
@pytest.mark.parametrize("means", [{"allow": ["reset"]}, {}], ids=["restart", "time"])
def test_a_card_that_waits_does_not_meet_the_next_case(tmp_path: Path, version: str, means: Mapping[str, Any]) -> None:
    """At a station with two EVSEs no connector shows it."""

    async def main() -> None:
        async with on_the_bench(version, evses=2) as charger:
            rig = HandyRig(charger, ["plug_connector", "unplug_connector", "authorize_id_tag"])
            async with lab(tmp_path, rig=rig, charger={"evses": 2}, **means) as worker:
                stage = await worker.set_up(csms=CARD, charger={"evses": 2}, version=version)
                await stage.perform("charger", "authorize_id_tag", {"id_tag": "CARD-1"})
                await stage.settle()
                assert list(await stage.close()) == []
                stage = await worker.set_up(csms=CARD, charger={"evses": 2}, version=version)
                await stage.perform("charger", "plug_connector", {"evse_id": 1})
                await asyncio.sleep(2)
                assert stage.chargers["charger"].status(1) == "Preparing"  # type: ignore[attr-defined]
                await stage.close()

    clock.run(main())


def test_the_end_of_a_case_waits_for_no_card(tmp_path: Path) -> None:
    """Nothing but time would end its waiting, and the next case sees to that."""

    async def main() -> None:
        async with on_the_bench(evses=2) as charger:
            rig = HandyRig(charger, ["authorize_id_tag"])
            async with lab(tmp_path, rig=rig, charger={"evses": 2}) as worker:
                stage = await worker.set_up(csms=CARD, charger={"evses": 2})
                await stage.perform("charger", "authorize_id_tag", {"id_tag": "CARD-1"})
                await stage.settle()
                assert stage.chargers["charger"].watch.waiting == {"card-1"}  # type: ignore[attr-defined]
                ends = clock.now()
                await stage.close()
                assert clock.now() - ends < 1.0

    clock.run(main())


# -- stations that do not come, and those that misbehave --------------------------------------------------------------


def told_by(main: Callable[[], Awaitable[None]]) -> InfrastructureError:
    """The error that a set-up has raised."""
    with pytest.raises(InfrastructureError) as raised:
        clock.run(main())  # type: ignore[arg-type]
    return raised.value


def test_one_that_never_comes_is_waited_for_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each of a thousand cases would wait a minute otherwise; it is told what is waited for."""

    async def main() -> None:
        async with lab(tmp_path, boot="20s") as worker:
            with pytest.raises(InfrastructureError, match=r"CP-1 has not dialled ws://.*/ocpp/CP-1 within 20s"):
                await worker.set_up()
            began = clock.now()
            with pytest.raises(InfrastructureError) as raised:
                await worker.set_up()
            assert clock.now() - began < 1
            assert not raised.value.reached

    clock.run(main())
    assert f"waiting for CP-1 to dial {URL}/CP-1 (ocpp1.6), 20s at most" in capfd.readouterr().err


def test_one_that_comes_late_is_served(tmp_path: Path) -> None:
    """As long as it is within the limit; and after it, for the cases that are left."""

    async def main() -> None:
        async with lab(tmp_path, boot="20s") as worker:
            waiting = asyncio.ensure_future(worker.set_up())
            await asyncio.sleep(15)
            async with on_the_bench():
                await (await waiting).close()

    clock.run(main())


@pytest.mark.parametrize(
    ("dialled", "options", "why"),
    [
        ({"version": "2.0.1"}, {"versions": ["1.6"]}, "it offered ocpp2.0.1, and is not let in"),
        ({"url": URL.replace("/ocpp", "/wrong")}, {}, "it dialled the path /wrong/CP-1"),
        ({"identity": "CP-9"}, {}, "'CP-9' has dialled, which this target does not wait for"),
        ({}, {"security_profile": 1, "basic_auth": "secret-of-ours"}, "it gave no credentials"),
        (
            {"basic_auth": {"password": "wrong-password"}},
            {"security_profile": 1, "basic_auth": "secret-of-ours"},
            "its user or password is wrong",
        ),
    ],
)
def test_one_that_is_not_let_in_is_told_apart(
    tmp_path: Path, dialled: Mapping[str, Any], options: Mapping[str, Any], why: str
) -> None:
    """Nobody is reached, and the reason is not that nobody came."""

    async def main() -> None:
        async with lab(tmp_path, boot="8s", **options) as worker, on_the_bench(**dialled):
            await worker.set_up()

    error = told_by(main)
    assert why in str(error)
    assert "secret" not in str(error)
    assert not error.reached


def test_the_right_password_lets_in(tmp_path: Path) -> None:
    """Security profile 1."""

    async def main() -> None:
        options = {"security_profile": 1, "basic_auth": "secret-of-ours"}
        async with lab(tmp_path, **options) as worker, on_the_bench(basic_auth={"password": "secret-of-ours"}):
            await (await worker.set_up()).close()

    clock.run(main())


async def bare(answer: Callable[[WebSocket, Any], Awaitable[None]] | None, *texts: str) -> asyncio.Task[None]:
    """A peer that dials, sends texts, and does with our calls what it is told."""
    ws, _ = await connect(URL, identity="CP-1", versions=[OcppVersion.V16])

    async def run() -> None:
        for text in texts:
            await ws.send(text)
        while True:
            message = json.loads(await ws.recv())
            if message[0] == 2 and answer is not None:
                await answer(ws, message)

    return asyncio.ensure_future(run())


BOOT = json.dumps([2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}])


def test_one_that_answers_nothing(tmp_path: Path) -> None:
    """It costs one call's time, and is told as such."""

    async def main() -> None:
        async with lab(tmp_path) as worker:
            peer = await bare(None, BOOT)
            try:
                await worker.set_up()
            finally:
                peer.cancel()

    error = told_by(main)
    assert "has not answered" in str(error)
    assert "within 5s" in str(error)
    assert error.reached


def test_one_that_sends_garbage(tmp_path: Path) -> None:
    """It is connected, and never boots."""

    async def main() -> None:
        async with lab(tmp_path, boot="10s") as worker:
            setting = asyncio.ensure_future(worker.set_up())
            await asyncio.sleep(0.1)
            peer = await bare(None, "nonsense", "{}", "[7]")
            try:
                await setting
            finally:
                peer.cancel()

    error = told_by(main)
    assert "3 of its texts were no OCPP messages" in str(error) or "has not answered" in str(error)
    assert error.reached


def test_one_that_refuses_every_setting(tmp_path: Path) -> None:
    """What the case gives is blocked; what is only the language's default is noted."""

    async def main() -> None:
        async with on_the_bench(settings={"cache_enabled": False}) as charger, lab(tmp_path) as worker:
            reply = {"to": "ChangeConfiguration", "payload": {"status": "Rejected"}, "times": 99}
            await charger.perform("charger_reply", reply)
            stage = await worker.set_up()
            assert any("AuthorizationCacheEnabled stays 'false'" in note for note in worker.notes())
            await stage.close()
            with pytest.raises(BlockedError, match="ConnectionTimeOut was answered Rejected"):
                await worker.set_up(charger={"settings": {"connection_timeout": "20s"}})

    clock.run(main())


def test_a_station_that_drops_is_told_by_the_wire(tmp_path: Path) -> None:
    """The case sees it go; the next has it again."""

    async def main() -> None:
        async with on_the_bench() as charger, lab(tmp_path) as worker:
            stage = await worker.set_up()
            await charger.perform("network", {"down_for": "3s"})
            await asyncio.sleep(1)
            assert [one.fields["is"] for one in worker.seen if one.name == "connection"][-1] == "closed"
            assert list(await stage.close()) == []
            await (await worker.set_up()).close()

    clock.run(main())


# -- hands ------------------------------------------------------------------------------------------------------------


class Tired(HandyRig):
    """A rig that never ends."""

    limit = 7.0

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Hang."""
        await asyncio.sleep(10_000)
        return Outcome()


class Broken(HandyRig):
    """A rig whose plugin has a bug."""

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Crash at the second act."""
        if self.done:
            raise RuntimeError("a bug")
        return await super().perform(station, verb, fields)


def test_a_rig_that_hangs_is_an_error_within_its_limit(tmp_path: Path) -> None:
    """And the station is left as it was."""

    async def main() -> None:
        async with on_the_bench() as charger, lab(tmp_path, rig=Tired(charger)) as worker:
            stage = await worker.set_up()
            began = clock.now()
            with pytest.raises(InfrastructureError, match="rig: plug_connector was not done within 7s"):
                await stage.perform("charger", "plug_connector", {})
            assert clock.now() - began == pytest.approx(7)
            await stage.close()

    clock.run(main())


class Reluctant(HandyRig):
    """Does not switch the network on the first time."""

    refused = False

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Refuse once."""
        if (verb, fields.get("state")) == ("network", "up") and not self.refused:
            self.refused = True
            return Outcome("refused", reason="the switch is stuck")
        return await super().perform(station, verb, fields)


def test_what_was_not_switched_on_is_tried_again(tmp_path: Path) -> None:
    """A refusal does not make a station connected: the end of the case brings it back."""

    async def main() -> None:
        async with on_the_bench() as charger:
            rig = Reluctant(charger)
            async with lab(tmp_path, rig=rig) as worker:
                stage = await worker.set_up()
                assert (await stage.perform("charger", "network", {"state": "down"})).status == "done"
                assert (await stage.perform("charger", "network", {"state": "up"})).status == "refused"
                assert await stage.close() == []
            assert rig.done[-1] == ("network", {"state": "up"})

    clock.run(main())


def test_a_station_that_was_silent_while_it_was_put_in_order_is_so_in_the_next_case(tmp_path: Path) -> None:
    """What a killed run has left is put back by the first case in which it answers."""

    async def main() -> None:
        async with on_the_bench(settings={"connection_timeout": "77s"}) as charger:
            before = charger.values()
            killed = lab(tmp_path)
            await kill_in_a_case(killed)

            async with lab(tmp_path) as worker:
                assert worker.target._reception is not None
                (station,) = worker.target._reception.stations.values()
                ask = station.questions.ask

                async def evasive(action: str, payload: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
                    if action == "GetConfiguration":
                        raise InfrastructureError("no answer")
                    return await ask(action, payload)

                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(station.questions, "ask", evasive)
                    with pytest.raises(InfrastructureError, match="no answer"):
                        await worker.set_up(charger={"settings": {"heartbeat_interval": "33s"}})
                await (await worker.set_up(charger={"settings": {"heartbeat_interval": "33s"}})).close()
                assert any("put back: ConnectionTimeOut = 77" in note for note in worker.notes())
            assert charger.values() == before

    clock.run(main())


def test_a_rig_that_crashes_leaves_settings_and_transactions_in_order(tmp_path: Path) -> None:
    """What OCPP can undo is undone."""

    async def main() -> None:
        async with on_the_bench(settings={"connection_timeout": "77s"}) as charger:
            async with lab(tmp_path, rig=Broken(charger)) as worker:
                stage = await worker.set_up(csms=CARD)
                await stage.perform("charger", "plug_connector", {})
                with pytest.raises(RuntimeError):
                    await stage.perform("charger", "authorize_id_tag", {"id_tag": "CARD-1"})
                await charger.perform("authorize_id_tag", {"id_tag": "CARD-1"})
                await asyncio.sleep(2)
                complaints = await stage.close()
                assert not stage.chargers["charger"].running  # type: ignore[attr-defined]
                assert any("the rig raised RuntimeError: a bug" in one for one in complaints)
            assert charger.values()["connection_timeout"] == "77"

    clock.run(main())


def test_the_rig_goes_before_the_operator_and_nobody_is_blocked(tmp_path: Path) -> None:
    """In this order; and the operator has a time limit."""
    asked: list[tuple[str, float]] = []
    answers: list[str | None] = ["", "n", None]

    async def ask(question: str, limit: float) -> str | None:
        asked.append((question, limit))
        return answers.pop(0)

    async def main() -> None:
        async with (
            on_the_bench() as charger,
            lab(tmp_path, rig=HandyRig(charger, ["plug_connector"]), interactive=True, hands="45s") as worker,
        ):
            stage = await worker.set_up(ask=ask)
            await stage.perform("charger", "plug_connector", {})
            assert asked == []
            await stage.perform("charger", "authorize_id_tag", {"id_tag": "CARD-1", "evse_id": 1})
            assert asked == [
                (
                    "Present the card CARD-1 at EVSE 1 of CP-1, then press Enter; n if that cannot be done (45s)",
                    45.0,
                )
            ]
            with pytest.raises(BlockedError, match="the operator cannot do network"):
                await stage.perform("charger", "network", {"state": "down"})
            with pytest.raises(InfrastructureError, match="has not said within 45s that stop_transaction is done"):
                await stage.perform("charger", "stop_transaction", {})
            with pytest.raises(BlockedError, match="no hand can charger_reply"):
                await stage.perform("charger", "charger_reply", {"to": "Reset", "silence": True})
            answers.extend([""] * 9)
            await charger.perform("unplug_connector", {})
            await stage.close()

    clock.run(main())


def test_real_cards_stand_for_the_scenario_s(tmp_path: Path) -> None:
    """The rig presents the real one, our CSMS knows it, and the trace speaks of the scenario's."""

    async def main() -> None:
        async with on_the_bench() as charger:
            rig = HandyRig(charger)
            async with lab(tmp_path, rig=rig, cards=["04A2B3C4"]) as worker:
                stage = await worker.set_up(csms=CARD, state=("ev_connected", {}))
                await stage.perform("charger", "authorize_id_tag", {"id_tag": "CARD-1"})
                await stage.settle()
                assert ("authorize_id_tag", {"id_tag": "04A2B3C4"}) in rig.done
                assert worker.calls("Authorize") == [{"idTag": "CARD-1"}]
                assert [one["idTag"] for one in worker.calls("StartTransaction")] == ["CARD-1"]
                with pytest.raises(BlockedError, match="no real card is left for CARD-2"):
                    await stage.perform("charger", "authorize_id_tag", {"id_tag": "CARD-2"})
                await stage.close()

    clock.run(main())


@pytest.mark.parametrize(
    ("operation", "word"),
    [
        ("reset", "reset"),
        ("change_availability", "availability"),
        ("update_firmware", "firmware"),
        ("update_signed_firmware", "firmware"),
        ("install_certificate", "certificates"),
        ("delete_certificate", "certificates"),
    ],
)
def test_operations_that_disturb_need_to_be_allowed(tmp_path: Path, operation: str, word: str) -> None:
    """By the call that they become; nothing of it is sent."""

    async def main() -> None:
        async with on_the_bench(), lab(tmp_path) as worker:
            stage = await worker.set_up()
            with pytest.raises(BlockedError, match=f"`allow` has no {word}"):
                await stage.operate("charger", operation, {})

    clock.run(main())


def test_files_of_a_station(tmp_path: Path) -> None:
    """Served at the address that the target is told, and only there."""

    async def main() -> None:
        async with on_the_bench(), lab(tmp_path) as worker:
            stage = await worker.set_up()
            with pytest.raises(BlockedError, match="no files can be served here"):
                await stage.operate("charger", "get_diagnostics", {})
        async with on_the_bench(), lab(tmp_path, files="127.0.0.1:0") as worker:
            stage = await worker.set_up()
            sent = await stage.operate("charger", "get_diagnostics", {})
            assert sent.action == "GetDiagnostics"
            await asyncio.sleep(1)
            assert "upload" in [one.name for one in worker.seen]
            await stage.close()

    clock.run(main())


@pytest.mark.parametrize(
    ("action", "payload", "word"),
    [
        ("Reset", {"type": "Hard"}, "reset"),
        ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, "availability"),
        ("UpdateFirmware", {"location": "ftp://x", "retrieveDate": "2030-01-01T00:00:00Z"}, "firmware"),
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "00"}, "certificates"),
    ],
)
def test_what_disturbs_needs_to_be_allowed(tmp_path: Path, action: str, payload: Mapping[str, Any], word: str) -> None:
    """Nothing of it is sent."""

    async def main() -> None:
        async with on_the_bench(), lab(tmp_path) as worker:
            stage = await worker.set_up()
            with pytest.raises(BlockedError, match=f"`allow` has no {word}"):
                await stage.call("charger", action, payload)
            assert not any(one.get("type") == "Hard" for one in worker.calls(action))
            await stage.close()

    clock.run(main())
