"""Monitoring of variables in OCPP 2.x: use cases N02 to N08.

While there is a threshold or a delta the station looks at its variables once a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.monitoring.monitors import PERIODIC, Happened, Monitor, Monitors, problem
from ocpplab_runner.charger.core.block import V2, Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import reason, rejected
from ocpplab_runner.charger.core.events import (
    ClockSet,
    PoweredUp,
    Resumed,
    UsabilityChanged,
    WentDown,
)
from ocpplab_runner.charger.core.evse import Connector
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.reporting import ReportingBlock
from ocpplab_runner.charger.core.services.station import MODEL
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS, TRANSACTIONS
from ocpplab_runner.charger.core.timestamps import boundary_after
from ocpplab_runner.charger.core.variables import Component, Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerError, HandlerResult, Reply
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds between two looks.
LOOKS_EVERY = 1.0
#: Monitors in one request, and in one part of a report.
_ITEMS = 50
_LOWEST_SEVERITY = 9
_BASES = ("All", "FactoryDefault", "HardWiredOnly")
#: Of events that no monitor of the CSMS's gives a severity.
_SEVERITY_OF_FAULTS = 1
_CTRLR = "MonitoringCtrlr"


class MonitoringV2(ReportingBlock):
    """Watches what it is told to watch."""

    versions = V2
    sends = frozenset({"NotifyEvent", "NotifyMonitoringReport"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.monitors = Monitors()
        self._events = 0
        #: Faults that were told: the connector, and OCPP's code.
        self._faults: set[tuple[int, int, str]] = set()
        #: Monitors whose variables are only known once every block has declared its own.
        self._remembered: Sequence[Mapping[str, Any]] = ()

    def variables(self) -> Iterable[Variable]:
        """MonitoringCtrlr, and whether there is a problem with a connector."""
        for evse in self.context.equipment.evses:
            for connector in evse.connectors:
                place = Component("Connector", None, evse.evse_id, connector.connector_id)
                yield of_2x(place, "Problem", "boolean", partial(_has_problem, connector))
        yield of_2x(_CTRLR, "Available", "boolean", lambda: "true")
        yield of_2x(_CTRLR, "Enabled", "boolean", "true", mutability="ReadWrite")
        yield of_2x(_CTRLR, "ActiveMonitoringBase", "OptionList", "All", choices=_BASES, settable=False)
        lowest = str(_LOWEST_SEVERITY)
        yield of_2x(_CTRLR, "ActiveMonitoringLevel", "integer", lowest, maximum=_LOWEST_SEVERITY, settable=False)
        yield of_2x(
            _CTRLR, "OfflineQueuingSeverity", "integer", lowest, maximum=_LOWEST_SEVERITY, mutability="ReadWrite"
        )
        for request in ("ClearVariableMonitoring", "SetVariableMonitoring"):
            yield of_2x(_CTRLR, "BytesPerMessage", "integer", lambda: "65536", instance=request)
            yield of_2x(_CTRLR, "ItemsPerMessage", "integer", str(_ITEMS), instance=request)

    # -- what 2.1 adds --------------------------------------------------------------------------------------------

    def placed(self, monitor: Monitor, item: Mapping[str, Any]) -> None:
        """A monitor has been set, by that SetMonitoringDataType."""

    def gone(self, monitor: Monitor) -> None:
        """A monitor is no more."""

    def streamed(self, monitor: Monitor, value: str) -> bool:
        """A periodic monitor is due: whether its value goes out in another way than by an event."""
        return False

    # -- what the CSMS wants --------------------------------------------------------------------------------------

    @answers("SetVariableMonitoring")
    def set_variable_monitoring(self, payload: Payload) -> HandlerResult:
        """N04."""
        items = self._items(payload["setMonitoringData"], "SetVariableMonitoring")
        results = [self._set(item) for item in items]
        return Reply({"setMonitoringResult": results}, then=self._watch)

    def _set(self, item: Mapping[str, Any]) -> dict[str, Any]:
        result = {key: item[key] for key in ("type", "severity", "component", "variable")}
        variable, status = self.context.ask(MODEL).find(item)
        if variable is None:
            return {**result, "status": status}
        severity, kind, value = item["severity"], item["type"], item["value"]
        wrong = problem(kind, value, severity, variable)
        if wrong is not None:
            return {**result, "status": wrong[0], "statusInfo": reason("InvalidValue", wrong[1])}
        number = item.get("id")
        earlier = None if number is None else self.monitors.find(number)
        if number is not None and (earlier is None or earlier.variable is not variable):  # N04.FR.13, .16
            return {**result, "status": "Rejected", "statusInfo": reason("NotFound", "no such monitor is there")}
        like = self.monitors.like(variable, kind, severity)
        if like is not None and like is not earlier:  # N04.FR.10
            return {**result, "status": "Duplicate"}
        if number is None:
            number = self.monitors.next_number()
        in_transaction = item.get("transaction", False)
        monitor = Monitor(number, variable, item["component"], item["variable"], kind, value, severity, in_transaction)
        if earlier is not None:
            self.gone(earlier)
        self.monitors.put(monitor)
        self._start(monitor)
        self.placed(monitor, item)
        return {**result, "status": "Accepted", "id": number}

    @answers("ClearVariableMonitoring")
    def clear_variable_monitoring(self, payload: Payload) -> HandlerResult:
        """N06."""
        results = []
        for number in self._items(payload["id"], "ClearVariableMonitoring"):
            gone = self.monitors.remove(number)
            self._timers.stop(number)
            if gone is not None:
                self.gone(gone)
            results.append({"id": number, "status": "NotFound" if gone is None else "Accepted"})
        return {"clearMonitoringResult": results}

    @answers("GetMonitoringReport")
    def get_monitoring_report(self, payload: Payload) -> HandlerResult:
        """N02."""
        variables: list[Variable] | None = None
        if "componentVariable" in payload:
            variables = [one for item in payload["componentVariable"] for one in self.context.ask(MODEL).matching(item)]
        wanted = self.monitors.wanted(payload.get("monitoringCriteria", ()), variables)
        if not wanted:  # N02.FR.10
            return {"status": "EmptyResultSet"}
        return Reply({"status": "Accepted"}, then=lambda: self._send_report(payload["requestId"], wanted))

    def _send_report(self, request_id: int, wanted: Sequence[Monitor]) -> None:
        told: dict[str, dict[str, Any]] = {}
        for monitor in wanted:
            entry = told.setdefault(
                monitor.variable.name,
                {"component": monitor.component, "variable": monitor.name, "variableMonitoring": []},
            )
            entry["variableMonitoring"].append(self._described(monitor))
        data = list(told.values())
        parts = [data[start : start + _ITEMS] for start in range(0, len(data), _ITEMS)]
        for number, part in enumerate(parts):
            report = {"requestId": request_id, "seqNo": number, "generatedAt": self._now(), "monitor": part}
            if number + 1 < len(parts):
                report["tbc"] = True
            self.context.post(Outgoing("NotifyMonitoringReport", report))

    def _described(self, monitor: Monitor) -> dict[str, Any]:
        described = {
            "id": monitor.number,
            "transaction": monitor.in_transaction,
            "value": monitor.value,
            "type": monitor.kind,
            "severity": monitor.severity,
        }
        return {**described, "eventNotificationType": "CustomMonitor"} if self._newest else described

    @answers("SetMonitoringBase")
    def set_monitoring_base(self, payload: Payload) -> HandlerResult:
        """N03: there are no monitors but those that a CSMS has set; they go unless All is wanted (N03.FR.03 to .05)."""
        base = payload["monitoringBase"]

        def change() -> None:
            self.context.variables.set(f"{_CTRLR}.ActiveMonitoringBase", base)
            if base != "All":
                for monitor in self.monitors:
                    self.gone(monitor)
                self.monitors.clear()
                self._timers.stop_all()

        return Reply({"status": "Accepted"}, then=change)

    @answers("SetMonitoringLevel")
    def set_monitoring_level(self, payload: Payload) -> HandlerResult:
        """N05."""
        level = int(payload["severity"])  # 1.0 is an integer to JSON Schema
        if not 0 <= level <= _LOWEST_SEVERITY:  # N05.FR.02
            return rejected("InvalidValue", "a severity is 0 to 9")
        change = self.context.variables.set
        return Reply({"status": "Accepted"}, then=lambda: change(f"{_CTRLR}.ActiveMonitoringLevel", str(level)))

    def _items(self, items: Sequence[Any], action: str) -> Sequence[Any]:
        most = self.context.variables.integer(f"{_CTRLR}.ItemsPerMessage.{action}")
        if len(items) > most:  # N06.FR.06
            raise HandlerError("OccurrenceConstraintViolation", f"{action} takes at most {most} items")
        return items

    # -- watching -------------------------------------------------------------------------------------------------

    def _start(self, monitor: Monitor) -> None:
        self._timers.stop(monitor.number)
        if monitor.kind == "Periodic":  # N08.FR.06
            self._timers.start(monitor.number, monitor.value, lambda: self._due(monitor))
        elif monitor.kind == "PeriodicClockAligned":  # N08.FR.07
            self._start_by_clock(monitor, self.context.time.now())

    def _start_by_clock(self, monitor: Monitor, moment: datetime) -> None:
        boundary = boundary_after(moment, monitor.value)
        wait = (boundary - self.context.time.now()) / timedelta(seconds=1)
        self._timers.start(monitor.number, max(wait, 0.0), lambda: self._due(monitor, boundary))

    def _due(self, monitor: Monitor, boundary: datetime | None = None) -> None:
        if boundary is None:
            self._start(monitor)
        else:
            self._start_by_clock(monitor, boundary)
        if not self._looks(monitor):
            return
        value = self.context.variables.text(monitor.variable.name)
        if not self.streamed(monitor, _told(monitor, value)):
            self._tell(monitor, Happened("Periodic", value))

    def _watch(self) -> None:
        """Look at once, and then every second, for as long as there is something to look at."""
        watched = [one for one in self.monitors if one.kind not in PERIODIC]
        if not watched:
            return
        for monitor in watched:
            if self._looks(monitor):
                happened = monitor.look(self.context.variables.text(monitor.variable.name))
                if happened is not None:
                    self._tell(monitor, happened)
        self._timers.start("look", LOOKS_EVERY, self._watch)

    def _looks(self, monitor: Monitor) -> bool:
        if not self.context.variables.boolean(f"{_CTRLR}.Enabled"):
            return False
        if not monitor.in_transaction:
            return True
        place = monitor.variable.component
        evse_id = None if place is None else place.evse_id
        return any(evse_id in (None, one.evse_id) for one in self.context.ask(TRANSACTIONS).running())

    def _tell(self, monitor: Monitor, happened: Happened) -> None:
        self._events += 1
        event: dict[str, Any] = {
            "eventId": self._events,
            "timestamp": self._now(),
            "trigger": happened.trigger,
            "actualValue": _told(monitor, happened.value),
            "eventNotificationType": "CustomMonitor",
            "variableMonitoringId": monitor.number,
            "component": monitor.component,
            "variable": monitor.name,
        }
        if happened.cleared is not None:
            event["cleared"] = happened.cleared
        if self._newest:
            event["severity"] = monitor.severity
        if (transaction := self._transaction(monitor)) is not None:
            event["transactionId"] = transaction
        self._post(event, monitor.severity)

    @hears(UsabilityChanged)
    def usability_changed(self, _: UsabilityChanged) -> None:
        """A fault is a problem of its connector: a monitor that is wired into the station (N07, G05)."""
        present = {
            (evse.evse_id, connector.connector_id, code)
            for evse in self.context.equipment.evses
            for connector in evse.connectors
            for code in connector.faults
        }
        for place in sorted(present - self._faults):
            self._problem(*place, cleared=False)
        for place in sorted(self._faults - present):
            self._problem(*place, cleared=True)
        self._faults = present

    def _problem(self, evse_id: int, connector_id: int, code: str, *, cleared: bool) -> None:
        self._events += 1
        event = {
            "eventId": self._events,
            "timestamp": self._now(),
            "trigger": "Alerting",
            "actualValue": str(not cleared).lower(),
            "techCode": code,
            "cleared": cleared,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "Connector", "evse": {"id": evse_id, "connectorId": connector_id}},
            "variable": {"name": "Problem"},
        }
        if self._newest:
            event["severity"] = _SEVERITY_OF_FAULTS
        self._post(event, _SEVERITY_OF_FAULTS)

    def _post(self, event: Mapping[str, Any], severity: int) -> None:
        if severity > self.context.variables.integer(f"{_CTRLR}.ActiveMonitoringLevel"):  # N05.FR.03
            return
        kept_offline = self.context.variables.integer(f"{_CTRLR}.OfflineQueuingSeverity")
        if self.context.online or severity <= kept_offline:  # N07.FR.04
            # Each event has a message of its own, which is its first part and its last (N07.FR.07, N08.FR.04).
            payload = {"generatedAt": self._now(), "seqNo": 0, "eventData": [event]}
            self.report_when_online(Outgoing("NotifyEvent", payload))

    def _transaction(self, monitor: Monitor) -> str | None:
        place = monitor.variable.component
        if place is None or place.evse_id is None or not monitor.in_transaction:
            return None
        return self.context.ask(OPEN_TRANSACTIONS).id_at(place.evse_id)

    @property
    def _newest(self) -> bool:
        return self.context.version is OcppVersion.V21

    def _now(self) -> str:
        return clock.timestamp(self.context.time.now())

    # -- power, network, memory -----------------------------------------------------------------------------------

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """Monitors outlast a restart (N07.FR.13)."""
        self._go_on()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """An earlier process had monitors."""
        self._go_on()

    def _go_on(self) -> None:
        for item in self._remembered:
            variable, _ = self.context.ask(MODEL).find(item)
            if variable is not None:
                self.monitors.put(_monitor(item, variable))
        self._remembered = ()
        for monitor in self.monitors:
            self._start(monitor)
        self._watch()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing is looked at without power."""
        self._timers.stop_all()

    @hears(ClockSet)
    def clock_set(self, _: ClockSet) -> None:
        """What goes by the clock goes by the new time."""
        for monitor in self.monitors:
            if monitor.kind == "PeriodicClockAligned" and self._timers.running(monitor.number):
                self._start(monitor)

    def remember(self) -> Mapping[str, Any]:
        """Monitors, with what they count from."""
        return {"monitors": [_out(one) for one in self.monitors]}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Have them again once the station starts."""
        self._remembered = memory.get("monitors", ())


def _has_problem(connector: Connector) -> str:
    return str(bool(connector.faults)).lower()


def _out(monitor: Monitor) -> dict[str, Any]:
    return {
        "id": monitor.number,
        "component": monitor.component,
        "variable": monitor.name,
        "type": monitor.kind,
        "value": monitor.value,
        "severity": monitor.severity,
        "transaction": monitor.in_transaction,
        "passed": monitor.passed,
        "reference": monitor.reference,
    }


def _monitor(item: Mapping[str, Any], variable: Variable) -> Monitor:
    return Monitor(
        item["id"],
        variable,
        item["component"],
        item["variable"],
        item["type"],
        item["value"],
        item["severity"],
        item["transaction"],
        item["passed"],
        item["reference"],
    )


def _told(monitor: Monitor, value: str) -> str:
    """A value as it is told: nothing of what can only be written (N07.FR.10)."""
    return "" if monitor.variable.mutability == "WriteOnly" else value
