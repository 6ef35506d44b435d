"""One station as the charger of a case: what it is told, by OCPP or by hand, and waiting for what it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms
from ocpplab_runner.plugin.stage import BlockedError, Outcome
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.raw_settings import raw_settings
from ocpplab_runner.targets.station.handled import EFFECT, HandledCharger
from ocpplab_runner.targets.station.hands import Hands
from ocpplab_runner.targets.station.options import OVER_OCPP, StationOptions
from ocpplab_runner.targets.station.questions import RefusedError, accepted
from ocpplab_runner.targets.station.reception import Station
from ocpplab_runner.targets.station.station_watch import StationWatch
from ocpplab_runner.vocabulary.versions import OcppVersion


class StationCharger(HandledCharger):
    """A case's hold of one station.

    Args:
        name: the scenario's name of it.
        station: the station.
        csms: that it dials.
        hands: at it.
        options: of the target.
        version: of the case.
        ev: what a scenario gives every car.
        needs_boot: whether what the CSMS answers to a boot matters to the case.
    """

    def __init__(
        self,
        name: str,
        station: Station,
        csms: BuiltInCsms,
        hands: Hands,
        options: StationOptions,
        *,
        version: OcppVersion,
        ev: Mapping[str, Any],
        needs_boot: bool,
    ) -> None:
        # An answer of ours that is still on its way may set off more.
        super().__init__(name, hands, max(options.settle, options.answer_delay), ev)
        self.station = station
        self._csms, self._options, self._version = csms, options, version
        self._needs_boot = needs_boot

    @property
    def identity(self) -> str:
        """As it dials."""
        return self.station.facts.identity

    @property
    def watch(self) -> StationWatch:
        """What is known of it."""
        return self.station.watch

    async def boot(self, limit: float) -> None:
        """It has booted when it came; it boots once more where the case has something to say about that."""
        if not self._needs_boot:
            return
        self._needs_boot = False
        try:
            await self.station.questions.demand("TriggerMessage", {"requestedMessage": "BootNotification"})
        except RefusedError as refusal:
            if "reset" not in self._options.allow:
                raise BlockedError(
                    f"a boot of {self.identity} is needed and cannot be had: {refusal}; `allow: [reset]` would let it "
                    "restart"
                ) from refusal
            await self.station.questions.operate("reset", {"type": "Soft"})
        self.watch.boot = None
        await self.until(lambda: self.watch.boot == "Accepted", "booted", limit)

    def online(self) -> bool:
        """Whether it is connected."""
        known = self._csms.stations.get(self.identity)
        return known is not None and known.connected

    def stirred(self) -> None:
        """What the CSMS sets off shows with its own call."""

    async def all_answered(self) -> None:
        """Return when none of its calls waits for an answer of ours, but for one that is late on purpose."""
        await self.watch.changes.answered(lambda: bool(self.watch.unanswered), self._options.answer_delay + EFFECT)

    def watermark(self, evidence: str) -> float:
        """Our own socket does not lag."""
        return clock.now()

    async def perform(self, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a command: over OCPP what OCPP has, by hand the rest.

        Raises:
            BlockedError: nobody can.
            InfrastructureError: the station does not answer, or the rig is in trouble.
            StepError: the fields make no sense.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        if command in OVER_OCPP:
            try:
                return await self._over_ocpp(command, given)
            except RefusedError as refusal:
                return Outcome("refused", reason=str(refusal))
        if command == "stop_transaction" and given.get("reason") == "Remote":
            return await self._remote_stop(given)
        if command == "stop_transaction" and given.get("reason") == "Local":
            # Pressing stop says so by itself.
            del given["reason"]
        return await self.handle(command, given)

    async def _remote_stop(self, fields: Mapping[str, Any]) -> Outcome:
        wanted = {name: fields[name] for name in ("transaction_id", "evse_id") if name in fields}
        try:
            accepted("the remote stop", await self.station.questions.operate("remote_stop", wanted))
        except RefusedError as refusal:
            return Outcome("refused", reason=str(refusal))
        return Outcome()

    async def _over_ocpp(self, command: str, fields: Mapping[str, Any]) -> Outcome:
        questions = self.station.questions
        if command == "set_configuration":
            wanted = {
                **raw_settings(fields.get("settings") or {}, self._version),
                **{key: str(value) for key, value in (fields.get("configuration") or {}).items()},
            }
            read_only = sorted(self.station.settings_of(self._version).read_only & wanted.keys())
            if read_only:
                raise BlockedError(f"{read_only[0]} can only be set inside the station: it is read-only over OCPP")
            await self.configure(wanted)
        elif command == "reset_auth_cache":
            await questions.demand("ClearCache")
        elif command == "send_local_auth_list":
            await self.send_list(
                int(fields["list_version"]),
                {entry["id_tag"]: _card(entry) for entry in fields.get("entries") or ()},
                str(fields.get("update_type", "Full")),
            )
        elif command == "clear_local_auth_list":
            await self.send_list(1, {})
        else:
            answer = await questions.operate("unlock", fields)
            if answer.get("status") != "Unlocked":
                raise RefusedError(f"UnlockConnector was answered {answer.get('status')}")
        return Outcome()

    async def configure(self, wanted: Mapping[str, str]) -> None:
        """Give the station settings; restart it where it asks for that.

        Raises:
            RefusedError: it will not have one of them, or a restart is needed and not allowed.
            InfrastructureError: it does not answer.
        """
        settings = self.station.settings_of(self._version)
        restart = [key for key, value in wanted.items() if await settings.change(key, value)]
        if not restart:
            return
        if "reset" not in self._options.allow:
            raise RefusedError(f"{restart[0]} takes effect only after a restart, and `allow` has no reset")
        await self.restart()

    async def restart(self) -> None:
        """Reset the station, and return when it has booted; raises as :meth:`configure`."""
        self.watch.boot = None
        accepted("Reset", await self.station.questions.operate("reset", {"type": "Soft"}))
        await self.until(lambda: self.watch.boot == "Accepted", "booted", self._options.boot)
        await self.settle()

    async def send_list(self, version: int, entries: Mapping[str, Any], update_type: str = "Full") -> None:
        """Give the station a local list; raises as :meth:`configure`."""
        fields = {"version": version, "update_type": update_type, "entries": entries}
        accepted("SendLocalList", await self.station.questions.operate("send_local_list", fields))

    @property
    def running(self) -> tuple[Any, ...]:
        """Its transactions that run, as our CSMS knows."""
        known = self._csms.stations.get(self.identity)
        return () if known is None else known.running_transactions


def _card(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A card of a list, in the words of ``send_local_list``."""
    card: dict[str, Any] = {"status": entry.get("status") or "Accepted"}
    if (parent := entry.get("parent_id_tag")) is not None:
        card["parent_id_token"] = parent
    if (date := entry.get("expiry_date")) is not None:
        try:
            left = (datetime.fromisoformat(str(date)) - clock.utcnow()).total_seconds()
        except (ValueError, TypeError) as error:
            raise StepError(f"send_local_auth_list: {date!r} is no date with an offset") from error
        card["expires_in" if left >= 0 else "expired_for"] = f"{abs(left):.3f}s"
    return card
