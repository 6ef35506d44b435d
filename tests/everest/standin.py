"""One EVerest that is none: a simulated charger, its API modules, its car simulator, its board."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any
from uuid import uuid4

from aiomqtt import Client, Message, MqttError

from ocpplab_runner.authorization.codec import from_json, to_json
from ocpplab_runner.authorization.types import AuthorizationStatus, ProvidedIdToken, ValidationResult
from ocpplab_runner.authorization.validators import ScriptedValidator, Verdict
from ocpplab_runner.charger.blocks.authorization.block import Authorization
from ocpplab_runner.charger.blocks.authorization.validation import Validation
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.websocket import WebSocket, connect
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds that a scripted validator behind MQTT has to answer.
_ANSWER = 20.0
#: Seconds between two signs of life of an API module (``cfg_heartbeat_interval_ms``).
_HEARTBEAT = 1.0
#: YetiSimulator's names that mean the same here.
_FAULTS = {
    "MREC2GroundFailure": "GroundFailure",
    "MREC3HighTemperature": "HighTemperature",
    "MREC4OverCurrentFailure": "OverCurrentFailure",
    "MREC5OverVoltage": "OverVoltage",
    "MREC6UnderVoltage": "UnderVoltage",
    "MREC17EVSEContactorFault": "PowerSwitchFailure",
    "powermeter/CommunicationFault": "PowerMeterFailure",
    "MREC14PilotFault": "EVCommunicationError",
    "PermanentFault": "InternalError",
}


Asks = Callable[[ProvidedIdToken, ScriptedValidator, Any], None]


class RemoteValidation(Validation):
    """Asks over MQTT whoever a scenario scripts."""

    __slots__ = ("_asks",)

    def __init__(self, context: Any, judge: Any, facts: Any, asks: Asks) -> None:
        super().__init__(context, judge, facts)
        self._asks = asks

    def _ask_script(self, token: ProvidedIdToken, validator: ScriptedValidator, then: Any) -> None:
        self._asks(token, validator, then)


class StandIn:
    """One of them.

    Args:
        described: its entry of the configuration.
    """

    def __init__(self, described: Mapping[str, Any]) -> None:
        self.identity: str = described["identity"]
        self.prefix: str = described.get("prefix", "")
        self._client: Client | None = None
        self._url, self._version = described["url"], OcppVersion(described["version"])
        self._lacks = set(described.get("lacks", ()))
        self._api_version, self._monitored = described.get("api_version", 1), described.get("monitored", False)
        self._validators = list(described.get("validators") or ["csms"])
        given = dict(described.get("charger") or {})
        authorization = dict(given.get("authorization") or {})
        if self._validators != ["csms"]:
            authorization["validators"] = [
                one if one == "csms" else {"name": f"api_{number}"} for number, one in enumerate(self._validators)
            ]
        self._config = ChargerConfig.from_given(
            {"identity": self.identity, "reconnect": "100ms", **given, "authorization": authorization}
        )
        self._charger = SimulatedCharger(
            self._config, version=self._version, connect=self._connect, observer=self, random=SystemRandom()
        )
        self._sessions: dict[int, str] = {}
        self._running = 1
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending: list[tuple[str, Any]] = []
        for block in self._charger.blocks:
            if isinstance(block, Authorization):
                remote = RemoteValidation(block.context, block, block._facts, self._ask_over_mqtt)
                block._validation = block._handling._validation = remote
                if described.get("forgets"):
                    block.cache.max_entries = 0

    # -- life -----------------------------------------------------------------------------------------------------

    async def join(self, client: Client) -> None:
        """Take part at a broker; the first time the charger is switched on."""
        for topic in self._topics():
            await client.subscribe(topic)
        first, self._client = self._client is None, client
        if first:
            self._keep(self._live())
            await self._charger.start()

    async def _live(self) -> None:
        """Each API module says by itself that it is there."""
        while True:
            for kind, ids in self.modules().items():
                for module in ids:
                    await self._say(self._api(kind, module, "e2m", "heartbeat"), {})
            await asyncio.sleep(_HEARTBEAT)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, topic: str, said: Any) -> None:
        """What nobody hears while the broker is away."""
        if self._client is not None:
            with contextlib.suppress(MqttError):
                await self._client.publish(topic, json.dumps(said))

    async def _connect(self) -> WebSocket:
        ws, _ = await connect(self._url, identity=self.identity, versions=[self._version])
        return ws

    # -- topics ---------------------------------------------------------------------------------------------------

    def _api(self, kind: str, module: str, way: str, name: str) -> str:
        return f"{self.prefix}everest_api/1/{kind}/{module}/{way}/{name}"

    @property
    def _evses(self) -> range:
        return range(1, self._config.evses + 1)

    def modules(self) -> dict[str, list[str]]:
        """Type → ids of the API modules that are there."""
        scripted = [f"validator_{n}" for n, one in enumerate(self._validators) if one != "csms"]
        found = {
            "auth_token_provider": ["provider"],
            "auth_consumer": ["auth_observer"],
            "evse_manager_consumer": [f"evse_{evse}" for evse in self._evses],
            "auth_token_validator": scripted,
            "ocpp_consumer": ["ocpp_observer"],
        }
        return {kind: ids for kind, ids in found.items() if kind not in self._lacks and ids}

    def _topics(self) -> list[str]:
        prefix = self.prefix
        return [
            f"{prefix}everest_api/query-modules/+",
            f"{prefix}everest_api/1/+/+/m2e/#",
            f"{prefix}everest_api/dummy/cmd/provide",
            f"{prefix}everest_api/ocpp/cmd/+",
            f"{prefix}everest_external/nodered/+/carsim/#",
        ]

    def hear(self, message: Message) -> None:
        """Take a message that is for this one."""
        topic = message.topic.value
        self._keep(self._hear(topic.removeprefix(self.prefix), bytes(message.payload or b"")))

    async def _hear(self, topic: str, said: bytes) -> None:
        parts = topic.split("/")
        if topic.startswith("everest_api/query-modules/"):
            await self._query(parts[-1], json.loads(said))
        elif topic.startswith("everest_api/1/"):
            try:
                payload = json.loads(said)
            except ValueError:
                return  # EVerest logs it
            await self._module(parts[2], parts[3], "/".join(parts[5:]), payload)
        elif topic == "everest_api/dummy/cmd/provide":
            await self._do("provide_token", json.loads(said))
        elif topic.startswith("everest_api/ocpp/cmd/"):
            await self._do("network", {"state": "up" if parts[-1] == "connect" else "down"})
        else:
            await self._simulated(int(parts[2]), parts[-1], said.decode())

    async def _query(self, kind: str, asked: Any) -> None:
        ids = self.modules().get(kind, ())
        reply = self.prefix + asked["headers"]["replyTo"]
        for one in ids:
            told = {"module_id": one, "type": kind, "version": self._api_version}
            told["communication_monitoring"] = self._monitored
            await self._say(reply, {"apis": [told]})

    async def _module(self, kind: str, module: str, name: str, payload: Any) -> None:
        if name.startswith("reply/"):
            waiting = self._waiting.pop(name.removeprefix("reply/"), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(payload)
            return
        if module not in self.modules().get(kind, ()):
            return
        reply = payload.get("headers", {}).get("replyTo") if isinstance(payload, dict) else None
        asked = payload.get("payload") if reply else payload
        match kind, name:
            case "auth_token_provider", "provided_token":
                await self._do("provide_token", payload)
            case "auth_consumer", "withdraw_authorization":
                result = await self._charger.perform("withdraw_authorization", asked)
                await self._say(self.prefix + reply, result.detail["result"])
            case "auth_token_validator", "validate_result_update":
                fields = {"evse_id": payload["connector_id"], "validation_result": payload["validation_result"]}
                await self._do("validation_result_update", fields)
            case "evse_manager_consumer", "get_evse":
                await self._say(self.prefix + reply, {"id": int(module.removeprefix("evse_")), "connectors": []})
            case "evse_manager_consumer", "stop_transaction":
                evse = int(module.removeprefix("evse_"))
                result = await self._charger.perform("stop_transaction", {"evse_id": evse, "reason": asked["reason"]})
                await self._say(self.prefix + reply, result.status == "done")

    async def _simulated(self, number: int, command: str, text: str) -> None:
        if command == "error":
            told = json.loads(text)
            fault = _FAULTS[told["error_type"]]
            verb = "inject_fault" if told["raise"] == "true" else "clear_fault"
            await self._do(verb, {"evse_id": number, **({"fault_type": fault} if verb == "inject_fault" else {})})
            return
        for one in text.split(";"):
            words = one.replace(",", " ").split()
            match words[0] if words else "":
                case "iec_wait_pwr_ready":
                    draws = "draw_power" in text
                    await self._do("plug_connector", {"evse_id": number, "ev": {"requests_energy": draws}})
                    self._sessions[number] = str(uuid4())
                    self._session(number, "SessionStarted", session_started={"reason": "EVConnected"})
                case "unplug":
                    await self._do("unplug_connector", {"evse_id": number})
                    self._session(number, "SessionFinished")
                    self._sessions.pop(number, None)
                case "pause":
                    await self._do("ev_stops_energy", {"evse_id": number})
                case "draw_power_regulated" if command == "modify_charging_session":
                    await self._do("ev_requests_energy", {"evse_id": number})

    async def handle(self, verb: str, fields: Mapping[str, Any]) -> bool:
        """What a hand does that no topic could; whether it was done."""
        return (await self._charger.perform(verb, fields)).status == "done"

    async def _do(self, verb: str, fields: Mapping[str, Any]) -> None:
        await self._charger.perform(verb, fields, raw=verb == "provide_token")

    # -- validators -----------------------------------------------------------------------------------------------

    def _ask_over_mqtt(self, token: ProvidedIdToken, validator: ScriptedValidator, then: Any) -> None:
        self._keep(self._ask(token, validator, then))

    async def _ask(self, token: ProvidedIdToken, validator: ScriptedValidator, then: Any) -> None:
        number, module = uuid4().hex, validator.name.replace("api_", "validator_")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        reply = f"everest_api/1/auth_token_validator/{module}/m2e/reply/{number}"
        asked = {"headers": {"replyTo": reply}, "payload": to_json(token)}
        await self._say(self._api("auth_token_validator", module, "e2m", "validate_token"), asked)
        try:
            async with asyncio.timeout(_ANSWER):
                result = from_json(ValidationResult, await answer).value
        except (TimeoutError, ValueError):
            result = ValidationResult(AuthorizationStatus.INVALID)
        then(validator.name, Verdict(result).at(datetime.now(UTC)))

    # -- what it says of itself -----------------------------------------------------------------------------------

    def frame(self, record: Any) -> None:
        """Its ocpp_consumer_API repeats what crosses, and EVerest tells of its transactions by itself, too."""
        if "ocpp_consumer" in self.modules():
            to_csms = record.direction == "to_csms"
            way = "ChargingStationToCSMS" if to_csms else "CSMSToChargingStation"
            said = {"message": record.text, "direction": way, "version": f"ocpp{self._version.value}"}
            self._later(self._api("ocpp_consumer", "ocpp_observer", "e2m", "ocpp_message"), said)
        if record.direction != "to_csms" or not isinstance(record.message, Call):
            return
        action, payload = record.message.action, record.message.payload
        if action == "StartTransaction":
            self._running = payload["connectorId"]
            self._session(self._running, "TransactionStarted", transaction_started={})
        elif action == "StopTransaction":
            told = {"reason": payload.get("reason", "Local")}
            self._session(self._running, "TransactionFinished", transaction_finished=told)
        elif action == "TransactionEvent" and payload["eventType"] != "Updated":
            self._running = payload.get("evse", {}).get("id", self._running)
            started = payload["eventType"] == "Started"
            name = "transaction_started" if started else "transaction_finished"
            told = {} if started else {"reason": payload["transactionInfo"].get("stoppedReason", "Local")}
            self._session(self._running, "TransactionStarted" if started else "TransactionFinished", **{name: told})

    def violation(self, violation: Any) -> None:
        """It keeps that to itself."""

    def note(self, text: str) -> None:
        """It keeps that to itself."""

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """What happens inside, as EVerest says it."""
        if name == "token_status" and "auth_consumer" not in self._lacks:
            self._publish_status(fields)

    def _publish_status(self, fields: Mapping[str, Any]) -> None:
        token: dict[str, Any] = {
            "id_token": {"value": fields["id_tag"], "type": "ISO14443"},
            "authorization_type": "RFID",
        }
        if "parent_id_token" in fields:
            token["parent_id_token"] = {"value": fields["parent_id_token"], "type": "Central"}
        if "evse_id" in fields:
            token["connectors"] = [fields["evse_id"]]
        said = {"token": token, "status": fields["is"]}
        if fields.get("messages"):
            said["messages"] = fields["messages"]
        self._later(self._api("auth_consumer", "auth_observer", "e2m", "token_validation_status"), said)

    def _session(self, evse_id: int, event: str, **details: Any) -> None:
        session = self._sessions.setdefault(evse_id, str(uuid4()))
        said = {"uuid": session, "timestamp": datetime.now(UTC).isoformat(), "event": event, **details}
        self._later(self._api("evse_manager_consumer", f"evse_{evse_id}", "e2m", "session_event"), said)

    def _later(self, topic: str, said: Any) -> None:
        self._pending.append((topic, said))
        if len(self._pending) == 1:
            self._keep(self._publish_pending())

    async def _publish_pending(self) -> None:
        while self._pending:
            topic, said = self._pending[0]
            await self._say(topic, said)
            self._pending.pop(0)
