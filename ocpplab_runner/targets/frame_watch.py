"""What is known of one charger that is not ours, read off its frames, and waiting for what it becomes."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner.engine.interpreter import Fact, Interpreter
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import InfrastructureError, Recorder
from ocpplab_runner.targets.changes import Changes
from ocpplab_runner.vocabulary.versions import OcppVersion


class FrameWatch:
    """Hears every observation of one charger before the ledger does.

    Args:
        record: the ledger.
        version: that the charger speaks.

    Attributes:
        version: the same.
        statuses: (EVSE, connector) → the connector's status in neutral words.
        accepted: cards, in lower case, that have been shown to be accepted.
        boot: the latest registration status; None before the first, and where no answer to a boot can be seen.
        booting: whether a BootNotification has been seen at all.
        answered: whether an answer of the CSMS has been seen.
        frames: how many frames have been seen.
        unanswered: message ids of the charger's calls that wait for an answer.
        changes: wakes who waits for any of these.
    """

    def __init__(self, record: Recorder, version: OcppVersion) -> None:
        self._record = record
        self.version = version
        self._interpreter = Interpreter(version)
        self.changes = Changes()
        self.statuses: dict[tuple[int, int], str] = {}
        self.accepted: set[str] = set()
        self.boot: str | None = None
        self.booting = False
        self.answered = False
        self.frames = 0
        self.unanswered: set[str] = set()
        self._calls: list[tuple[int, str, str]] = []

    def hear(self, observation: Observation) -> None:
        """Take an observation and pass it on."""
        facts: Sequence[Fact] = ()
        if observation.kind == "frame":
            facts = self._read(observation)
        elif observation.name == "connection" and observation.fields.get("is") == "closed":
            self._interpreter.disconnected()
            # What was asked over one connection is not answered over the next.
            self.unanswered.clear()
        self.pass_on(observation, facts)
        self.changes.stir(crossed=observation.kind == "frame")

    def pass_on(self, observation: Observation, facts: Sequence[Fact]) -> None:
        """Let the ledger have an observation, which has shown these facts."""
        self._record(observation)

    def _read(self, observation: Observation) -> list[Fact]:
        self.frames += 1
        self.booting = self.booting or observation.name == "BootNotification"
        message_id = str(observation.fields.get("message_id"))
        if observation.fields.get("direction") != "to_csms":
            self.unanswered.discard(message_id)
        elif observation.fields.get("type") == "call":
            self._calls.append((self.frames, observation.name, message_id))
            self.unanswered.add(message_id)
        self.answered = self.answered or observation.fields.get("type") in ("result", "error")
        shown = self._interpreter.read(observation.name, observation.fields, answerable=observation.answerable)
        for _, name, fields in shown:
            if name == "connector_status":
                self.statuses[int(fields["evse_id"]), int(fields.get("connector_id", 1))] = str(fields["is"])
            elif name == "auth_status" and fields.get("is") == "Accepted":
                self.accepted.add(str(fields.get("id_tag")).lower())
            elif name == "boot":
                self.boot = str(fields["is"])
        return [(name, fields) for _, name, fields in shown]

    @property
    def reports(self) -> int:
        """How many StatusNotifications have been seen, answered or not."""
        return sum(action == "StatusNotification" for _, action, _ in self._calls)

    def status(self, evse_id: int) -> str | None:
        """The status of an EVSE's first connector; None before it has been reported."""
        return self.statuses.get((evse_id, 1))

    async def next_call(self, action: str, *, since: int, limit: float) -> str | None:
        """The message id of the charger's first call of an action; None when none has come in time.

        Args:
            action: in OCPP's spelling or in snake_case.
            since: :attr:`frames` as it was before.
            limit: seconds.
        """

        def found() -> str | None:
            calls = (call for call in self._calls if call[0] > since and _folded(call[1]) == _folded(action))
            return next((message_id for _, _, message_id in calls), None)

        try:
            await self.changes.until(lambda: found() is not None, action, limit)
        except InfrastructureError:
            return None
        return found()


def _folded(action: str) -> str:
    return action.replace("_", "").lower()
