"""Messages on the display in OCPP 2.x: use cases O01 to O06."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ocpplab_runner.charger.blocks.display_message.messages import PRIORITIES, Message, Messages, same_language
from ocpplab_runner.charger.core.block import V2, Block, Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import reason, rejected
from ocpplab_runner.charger.core.events import (
    ClockSet,
    DemandChanged,
    DriverSpeaks,
    PoweredUp,
    Resumed,
    TransactionClosed,
    UsabilityChanged,
    WentDown,
    Withdrawn,
)
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

_CTRLR = "DisplayMessageCtrlr"
#: The only display, as a message may name it.
_DISPLAY = "Display"
#: Messages that the station keeps, and messages in one part of a report.
MOST, REPORTED_AT_ONCE = 20, 5
FORMATS = ("ASCII", "HTML", "URI", "UTF8")
STATES = ("Charging", "Faulted", "Idle", "Unavailable")
#: What the display has glyphs for (2.1).
LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pl", "pt")
#: A timer must not fire before its moment for the rounding of a date.
_ROUNDING = timedelta(microseconds=1)
_SUSPENDED = (ConnectorStatus.SUSPENDED_EV, ConnectorStatus.SUSPENDED_EVSE)


class DisplayMessageV2(Block):
    """One display, which every driver at the station sees."""

    versions = V2
    sends = frozenset({"NotifyDisplayMessages"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._messages = Messages()
        #: What the display shows: ids and texts.
        self._shown: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())
        #: What the driver speaks that has shown a card last, the dearest first.
        self._spoken: tuple[str, ...] = ()

    @property
    def _newer(self) -> bool:
        return self.context.version is OcppVersion.V21

    def variables(self) -> Iterable[Variable]:
        """DisplayMessageCtrlr, and the display itself."""
        formats = (*FORMATS, "QRCODE") if self._newer else FORMATS
        states = (*STATES, "Suspended") if self._newer else STATES
        yield of_2x(_CTRLR, "Available", "boolean", "true")
        yield of_2x(_CTRLR, "Enabled", "boolean", "true", mutability="ReadWrite", changed=self._look_again)
        yield of_2x(_CTRLR, "DisplayMessages", "integer", lambda: str(len(self._messages)), maximum=MOST)
        for name, words in (("Formats", formats), ("Priorities", PRIORITIES), ("States", states)):
            yield of_2x(_CTRLR, f"Supported{name}", "MemberList", ",".join(words), choices=words)
        yield of_2x(_DISPLAY, "Available", "boolean", lambda: self.context.variables.text(f"{_CTRLR}.Available"))
        if self._newer:
            yield of_2x(
                _CTRLR,
                "Language",
                "OptionList",
                LANGUAGES[0],
                mutability="ReadWrite",
                choices=LANGUAGES,
                changed=self._look_again,
            )
            yield of_2x(_CTRLR, "QRCodeDisplayCapable", "boolean", self._shows_qr_codes)

    def _supported(self, what: str) -> tuple[str, ...]:
        return self.context.variables.items(f"{_CTRLR}.Supported{what}")

    def _shows_qr_codes(self) -> str:
        return str("QRCODE" in self._supported("Formats")).lower()

    # -- what the CSMS wants --------------------------------------------------------------------------------------

    @answers("SetDisplayMessage")
    def set_display_message(self, payload: Payload) -> HandlerResult:
        """O01, of a transaction O02, and O06 where its id is known."""
        message = Message.of(payload["message"])
        refusal = self._refusal(message)
        if refusal is not None:
            return refusal
        self._messages.put(message)
        return Reply({"status": "Accepted"}, then=self._look)

    def _refusal(self, message: Message) -> dict[str, Any] | None:
        variables, wire, now = self.context.variables, message.wire, self.context.time.now()
        if not (variables.boolean(f"{_CTRLR}.Available") and variables.boolean(f"{_CTRLR}.Enabled")):
            return rejected("NotEnabled", "the station shows no messages")
        if wire.get("display", {}).get("name", _DISPLAY) != _DISPLAY or "evse" in wire.get("display", {}):
            return rejected("UnsupportedParam", f"the station has one display, {_DISPLAY}")
        if wire["priority"] not in self._supported("Priorities"):  # O01.FR.06
            return {"status": "NotSupportedPriority"}
        if "state" in wire and wire["state"] not in self._supported("States"):  # O01.FR.07
            return {"status": "NotSupportedState"}
        if any(content["format"] not in self._supported("Formats") for content in message.contents):  # O01.FR.08
            return {"status": "NotSupportedMessageFormat"}
        if self._newer and any(not _known(content.get("language")) for content in message.contents):
            return {"status": "LanguageNotSupported", "statusInfo": reason("InvalidValue", ", ".join(LANGUAGES))}
        if message.transaction_id is not None and not self._is_open(message.transaction_id):  # O02.FR.01
            return {"status": "UnknownTransaction"}
        if message.ends is not None and message.ends <= max(now, message.begins or now):
            return rejected("InvalidValue", "it ends before it could be shown")
        if len(self._messages) - len(self._messages.replaced_by(message)) >= MOST:
            return rejected("OutOfStorage", f"the station keeps {MOST} messages")
        return None

    def _is_open(self, transaction_id: str) -> bool:
        return self.context.ask(OPEN_TRANSACTIONS).find(transaction_id) is not None

    @answers("GetDisplayMessages")
    def get_display_messages(self, payload: Payload) -> HandlerResult:
        """O03 of all, O04 of some."""
        found = self._messages.find(payload.get("id", ()), payload.get("priority"), payload.get("state"))
        if not found:
            return {"status": "Unknown"}
        return Reply({"status": "Accepted"}, then=lambda: self._report(payload["requestId"], found))

    def _report(self, request_id: int, messages: Sequence[Message]) -> None:
        for start in range(0, len(messages), REPORTED_AT_ONCE):
            part = messages[start : start + REPORTED_AT_ONCE]
            report: dict[str, Any] = {"requestId": request_id, "messageInfo": [dict(one.wire) for one in part]}
            if start + REPORTED_AT_ONCE < len(messages):
                report["tbc"] = True
            self.context.post(Outgoing("NotifyDisplayMessages", report))

    @answers("ClearDisplayMessage")
    def clear_display_message(self, payload: Payload) -> HandlerResult:
        """O05."""
        if not self._messages.remove(payload["id"]):
            return {"status": "Unknown"}
        return Reply({"status": "Accepted"}, then=self._look)

    # -- what is shown --------------------------------------------------------------------------------------------

    @hears(DriverSpeaks)
    def driver_speaks(self, event: DriverSpeaks) -> None:
        """Whoever stands before the display reads it."""
        self._spoken = tuple(event.languages)
        self._look_again()

    @hears(PoweredUp)
    @hears(Resumed)
    @hears(ClockSet)
    @hears(DemandChanged)
    @hears(UsabilityChanged)
    @hears(TransactionClosed)
    @hears(Withdrawn)
    def changed(self, _: object) -> None:
        """The station may be in another state."""
        self._look_again()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """The display is dark."""
        self.stop()
        self._spoken = ()
        self._show((), ())

    def _look_again(self) -> None:
        """Once everybody has heard of what has happened."""
        self._timers.start("look", 0.0, self._look)

    def _look(self) -> None:
        if not self.context.powered:
            return
        now = self.context.time.now()
        for one in self._messages:
            is_over = one.transaction_id is not None and not self._is_open(one.transaction_id)  # O02.FR.02
            if is_over or (one.ends is not None and one.ends <= now):  # O01.FR.15
                self._messages.remove(one.number)
        self._wait_for_change()
        enabled = self.context.variables.boolean(f"{_CTRLR}.Enabled")
        messages = self._messages.to_show(now, self._states()) if enabled else []
        languages = self._languages()
        self._show(tuple(one.number for one in messages), tuple(one.text(languages) for one in messages))

    def _wait_for_change(self) -> None:
        now = self.context.time.now()
        moment = self._messages.next_change(now)
        if moment is not None:
            self._timers.start("time", (moment - now + _ROUNDING) / timedelta(seconds=1), self._look)

    def _show(self, numbers: tuple[int, ...], texts: tuple[str, ...]) -> None:
        if (numbers, texts) == self._shown:
            return
        self._shown = numbers, texts
        shown = {"is": "shown" if numbers else "blank", "message_ids": list(numbers), "texts": list(texts)}
        self.context.fact("display", shown)

    def _languages(self) -> tuple[str, ...]:
        """The driver's, while there is one, and the display's own."""
        if not any(self.context.ask(AUTHORIZATION).is_held(evse) for evse in self.context.equipment.evses):
            self._spoken = ()
        own = (self.context.variables.text(f"{_CTRLR}.Language"),) if self._newer else ()
        return (*self._spoken, *own)

    def _states(self) -> frozenset[str]:
        """MessageStateEnumType of the station as a whole."""
        equipment = self.context.equipment
        found = {equipment.status(evse, connector) for evse in equipment.evses for connector in evse.connectors}
        if found == {ConnectorStatus.FAULTED} or equipment.broken:
            return frozenset({"Faulted"})
        if found <= {ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE}:
            return frozenset({"Unavailable"})
        if ConnectorStatus.CHARGING in found:
            return frozenset({"Charging"})
        if found & set(_SUSPENDED):
            return frozenset({"Suspended" if self._newer else "Charging"})
        return frozenset({"Idle"})

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Messages outlive a restart (O01.FR.16)."""
        return {"display_messages": [dict(one.wire) for one in self._messages]}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take them over again."""
        for wire in memory.get("display_messages", ()):
            self._messages.put(Message.of(wire))

    def snapshot(self) -> Mapping[str, Any]:
        """What the display shows."""
        return {"display": list(self._shown[1])}


def _known(language: str | None) -> bool:
    return language is None or any(same_language(language, one) for one in LANGUAGES)
