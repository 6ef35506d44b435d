"""The names of EVerest's external topics. Pure.

An installation may put a prefix before every topic (``settings.mqtt_external_prefix``); EVerest puts nothing between
the two. What is said in payloads, such as ``replyTo``, is without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Of the EVerest API that is spoken here.
API_VERSION = 1
_API = f"everest_api/{API_VERSION}"
_SIMULATION = "everest_external/nodered"
#: What every topic of EVerest's begins with, behind the prefix.
_ROOTS = ("everest_api", "everest_external")


class Module(StrEnum):
    """Types of the API modules that are used here, as they stand in topics and in discovery."""

    TOKEN_PROVIDER = "auth_token_provider"
    TOKEN_VALIDATOR = "auth_token_validator"
    AUTH = "auth_consumer"
    EVSE_MANAGER = "evse_manager_consumer"
    OCPP = "ocpp_consumer"


@dataclass(frozen=True, slots=True)
class Topics:
    """Of one installation.

    Attributes:
        prefix: before every topic, without a separator; empty for none.
    """

    prefix: str = ""

    def to(self, kind: Module, module_id: str, name: str) -> str:
        """Where an API module is told something: ``m2e``, from us to EVerest."""
        return f"{self.prefix}{_API}/{kind}/{module_id}/m2e/{name}"

    def said_by(self, kind: Module, module_id: str, name: str) -> str:
        """Where an API module says something: ``e2m``, from EVerest to us."""
        return f"{self.prefix}{_API}/{kind}/{module_id}/e2m/{name}"

    def query(self, kind: Module) -> str:
        """Where it is asked which modules of a type there are."""
        return f"{self.prefix}everest_api/query-modules/{kind}"

    def dummy_token_provider(self, module_id: str) -> str:
        """Where DummyTokenProviderManual takes tokens, if its ``mqtt_topic`` is not another."""
        return f"{self.prefix}everest_api/{module_id}/cmd/provide"

    def websocket(self, *, connect: bool) -> str:
        """Where OCPP's WebSocket is opened or closed, with ``EnableExternalWebsocketControl: true``."""
        return f"{self.prefix}everest_api/ocpp/cmd/{'connect' if connect else 'disconnect'}"

    def car(self, number: int, command: str) -> str:
        """Where a car simulator takes commands: ``enable``, ``execute_charging_session``, ``modify_charging_session``.

        Args:
            number: the ``connector_id`` of its EvManager.
            command: which.
        """
        return f"{self.prefix}{_SIMULATION}/{number}/carsim/cmd/{command}"

    def board_error(self, number: int) -> str:
        """Where YetiSimulator raises and clears errors."""
        return f"{self.prefix}{_SIMULATION}/{number}/carsim/error"

    def with_prefix(self, topic: str) -> str:
        """A topic that stands in a payload, as the broker knows it."""
        return f"{self.prefix}{topic}"

    @staticmethod
    def prefix_of(topic: str) -> str | None:
        """The prefix of a topic that somebody has used; None where it is none of EVerest's."""
        places = [place for name in _ROOTS if (place := topic.find(f"{name}/")) >= 0]
        return topic[: min(places)] if places else None

    def said(self, topic: str) -> tuple[str, str, str] | None:
        """Type, module id and name of what an API module has said; None where it is nothing of that kind."""
        parts = topic.removeprefix(f"{self.prefix}{_API}/").split("/", 3)
        ours = topic.startswith(f"{self.prefix}{_API}/") and len(parts) == 4 and parts[2] == "e2m"
        return (parts[0], parts[1], parts[3]) if ours else None

    def tells(self, topic: str) -> bool:
        """Whether something is told to EVerest or to its simulation there, that can be told again.

        A question who is there, a sign of life and an answer to a question that was EVerest's are nothing of that kind.
        """
        own = topic.removeprefix(self.prefix)
        if not topic.startswith(self.prefix) or not own.startswith(_ROOTS):
            return False
        if own.startswith(f"{_API}/"):
            parts = own.split("/")
            return len(parts) > 5 and parts[4] == "m2e" and parts[5] not in ("reply", "communication_check")
        return "/cmd/" in own or own.endswith("/carsim/error")

    def car_of(self, topic: str) -> int | None:
        """The number in one of the simulation's topics; None where it is no such topic of this installation."""
        number, _, rest = topic.removeprefix(f"{self.prefix}{_SIMULATION}/").partition("/")
        ours = topic.startswith(f"{self.prefix}{_SIMULATION}/") and rest
        return int(number) if ours and number.isascii() and number.isdigit() else None

    def reply(self, number: str) -> str:
        """A topic for one answer, as it stands in a payload: :meth:`with_prefix` is where the answer comes."""
        return f"{_API}/ocpplab-runner/reply/{number}"
