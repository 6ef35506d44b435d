"""What is known of one charger behind a Gateway, read off its frames, and waiting for what it becomes."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner.engine.interpreter import Fact, Interpreter
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import InfrastructureError, Recorder
from ocpplab_runner.targets.changes import Changes
from ocpplab_runner.targets.gateway.presentations import Presentations
from ocpplab_runner.vocabulary.versions import OcppVersion


class Watched:
    """Hears every observation of one charger before the ledger does.

    Args:
        record: the ledger.
        version: that the charger speaks.

    Attributes:
        statuses: (EVSE, connector) → the connector's status in neutral words.
        accepted: cards, in lower case, that a frame or a command's result has shown to be accepted.
        boot: the latest registration status; None before the first, and where no answer to a boot can be seen.
        booting: whether a BootNotification has been seen at all.
        answered: whether an answer of the CSMS has been seen.
        frames: how many frames have been seen.
        changes: wakes who waits for any of these.
        cards: its presented cards; they decide when an observation reaches the ledger.
    """

    def __init__(self, record: Recorder, version: OcppVersion) -> None:
        self._record = record
        self._interpreter = Interpreter(version)
        self.changes = Changes()
        self.statuses: dict[tuple[int, int], str] = {}
        self.accepted: set[str] = set()
        self.boot: str | None = None
        self.booting = False
        self.answered = False
        self.frames = 0
        self.cards = Presentations(self._put)
        self._calls: list[tuple[int, str, str]] = []

    def hear(self, observation: Observation) -> None:
        """Take an observation and pass it on."""
        facts: Sequence[Fact] = ()
        if observation.kind == "frame":
            self.frames += 1
            self.booting = self.booting or observation.name == "BootNotification"
            if observation.fields.get("type") == "call" and observation.fields.get("direction") == "to_csms":
                self._calls.append((self.frames, observation.name, str(observation.fields.get("message_id"))))
            self.answered = self.answered or observation.fields.get("type") in ("result", "error")
            shown = self._interpreter.read(observation.name, observation.fields, answerable=observation.answerable)
            facts = [(name, fields) for _, name, fields in shown]
            for name, fields in facts:
                if name == "connector_status":
                    self.statuses[int(fields["evse_id"]), int(fields.get("connector_id", 1))] = str(fields["is"])
                elif name == "auth_status" and fields.get("is") == "Accepted":
                    self.accepted.add(str(fields.get("id_tag")).lower())
                elif name == "boot":
                    self.boot = str(fields["is"])
        elif observation.name == "connection" and observation.fields.get("is") == "closed":
            self._interpreter.disconnected()
        self.cards.hear(observation, facts)
        self.changes.stir(crossed=observation.kind == "frame")

    def _put(self, observation: Observation) -> None:
        # A verdict that no frame shows: a command's result has told it.
        fields = observation.fields
        if observation.kind == "fact" and observation.name == "auth_status" and fields.get("is") == "Accepted":
            self.accepted.add(str(fields.get("id_tag")).lower())
            self.changes.stir(crossed=False)
        self._record(observation)

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
