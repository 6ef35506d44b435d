"""What an EVerest says of its inside, as facts of the present case; and what it says wrong, as violations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.everest import messages
from ocpplab_runner.everest.broker import Bus
from ocpplab_runner.everest.facts import facts_of_session, facts_of_token_status
from ocpplab_runner.everest.installation import Installation
from ocpplab_runner.everest.messages import MalformedError, Message
from ocpplab_runner.everest.topics import Module, Topics
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Doubt, Recorder
from ocpplab_runner.vocabulary.statuses import VALIDATION_STATUSES, AuthorizationRoute

#: Name of the evidence in observations and watermarks.
EVIDENCE = "mqtt"
#: Seconds that a message may be on its way from EVerest through the broker to us.
LAG = 0.25
#: EVerest accepts once more when a later verdict accepts (rule AUTH-18); no other word comes twice in a row.
_MAY_REPEAT = "Accepted"
_FACTS = ("token_status", "authorized_evse", "session")
_REFUSALS = tuple(status for status in VALIDATION_STATUSES if status != "Accepted")
#: What EVerest never tells, whatever modules it has.
_UNTOLD = (
    Doubt("authorized_evse", {"status": _REFUSALS}, "EVerest tells of what it grants an EVSE, not of what it refuses"),
    Doubt("authorized_evse", {}, "EVerest does not tell which reservation is used", frozenset({"reservation_id"})),
    Doubt(
        "validation_result",
        {"via": tuple(route.value for route in AuthorizationRoute)},
        "EVerest does not tell what the CSMS's validator has said; only those that a scenario scripts are heard",
    ),
)


class Inside:
    """Listens to one EVerest for as long as a worker lives.

    Args:
        bus: to the broker.
        topics: of the installation.
        installation: which modules it has.
    """

    def __init__(self, bus: Bus, topics: Topics, installation: Installation) -> None:
        self._bus, self._topics, self._installation = bus, topics, installation
        self._name = "charger"
        self._record: Recorder = _nobody
        self._last: dict[str, bytes] = {}

    async def open(self) -> None:
        """Subscribe."""
        auth = self._installation.first(Module.AUTH)
        if auth is not None:
            topic = self._topics.said_by(Module.AUTH, auth, "token_validation_status")
            await self._bus.listen(topic, self._hearing(topic, self._token_status))
        for evse_id, module_id in self._installation.evse_managers.items():
            topic = self._topics.said_by(Module.EVSE_MANAGER, module_id, "session_event")
            await self._bus.listen(topic, self._hearing(topic, self._session_of(evse_id)))

    def begin_case(self, name: str, record: Recorder) -> None:
        """Let a case hear of it from now on."""
        self._name, self._record = name, record
        # Twice in a row is meant within a case: one may begin with what the case before has ended with.
        self._last.clear()

    def leave_case(self) -> None:
        """Nobody records what it says until the next case."""
        self._record = _nobody

    def doubts(self, since: float, until: float) -> Sequence[Doubt]:
        """What EVerest does not tell, and what it may have told while the broker was away."""
        if not self._bus.was_away(since, until):
            return _UNTOLD
        reason = "the broker was away for a time, and what EVerest said then was not heard"
        return (*_UNTOLD, *(Doubt(fact, {}, reason) for fact in _FACTS))

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """Something that was found out otherwise, such as the answer to a request."""
        self._tell("fact", name, fields)

    def broken(self, what: str, error: MalformedError) -> None:
        """EVerest has said what is no value of its type."""
        self._tell(
            "violation",
            "everest-type",
            {"by": "charger", "weight": "must", "message": f"{what}: {error.problem}", "path": error.path},
        )

    def note(self, text: str) -> None:
        """Something a reader of the trace wants."""
        self._tell("note", text, {})

    # -- hearing --------------------------------------------------------------------------------------------------

    def _hearing(self, topic: str, read: Callable[[bytes], Sequence[tuple[str, Mapping[str, Any]]]]) -> Any:
        def hear(said: bytes, kept: bool) -> None:
            if kept:
                self.note(f"EVerest: the broker had kept a message of {topic} from before; it is no news")
                return
            try:
                facts = read(said)
            except MalformedError as error:
                self.broken(topic, error)
                return
            if self._last.get(topic) == said and not any(fields.get("is") == _MAY_REPEAT for _, fields in facts):
                self._tell(
                    "violation",
                    "everest-repeated",
                    {"by": "charger", "weight": "should", "message": f"{topic}: the same message came twice"},
                )
                return
            self._last[topic] = said
            for name, fields in facts:
                self.fact(name, fields)

        return hear

    def _token_status(self, said: bytes) -> Sequence[tuple[str, Mapping[str, Any]]]:
        return facts_of_token_status(self._noted(messages.token_status(said)))

    def _session_of(self, evse_id: int) -> Callable[[bytes], Sequence[tuple[str, Mapping[str, Any]]]]:
        def read(said: bytes) -> Sequence[tuple[str, Mapping[str, Any]]]:
            return facts_of_session(self._noted(messages.session_event(said)), evse_id)

        return read

    def _noted(self, message: Message[Any]) -> Any:
        for note in message.notes:
            self.note(f"EVerest: {note}")
        return message.value

    def _tell(self, kind: Any, name: str, fields: Mapping[str, Any]) -> None:
        self._record(Observation(kind, name, self._name, clock.now(), dict(fields), source="inside", evidence=EVIDENCE))


def _nobody(_: Observation) -> None:
    """No case runs."""
