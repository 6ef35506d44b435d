"""In service and out of it, and what is reported of it: OCPP 1.6 sections 4.9 and 5.2, 2.x G01, G03 and G04.

Station, EVSE and connector each keep what ChangeAvailability made of them; power cycles change nothing of it. What runs
outlives the change, and in 1.6 so does what is being prepared: section 4.9 has no way from Preparing to Unavailable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ocpplab_runner.charger.blocks.availability.status import StatusReporter
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import PoweredUp, Reconnected, Registered, UsabilityChanged
from ocpplab_runner.charger.core.evse import Connector, Evse
from ocpplab_runner.charger.core.json_values import faults_in, faults_out
from ocpplab_runner.charger.core.model import Outgoing, StatusReport
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

Effect = Callable[[], None]


class Availability(Block):
    """Changes it, knows what a change waits for, and reports the statuses that follow.

    Attributes:
        statuses: reports them.
    """

    #: Whether the station as a whole reports too (1.6: connectorId 0).
    reports_station = False

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.statuses = StatusReporter(context, self, self._timers, lambda: self.awaited)
        context.offer(STATUS, self)

    def variables(self) -> Iterable[Variable]:
        """How long a status must last."""
        return (setting("minimum_status_duration"),)

    # -- one version's words --------------------------------------------------------------------------------------

    def wire_status(self, report: StatusReport) -> str:
        """What a report would say, as a comparable text: equal texts are not reported twice in a row."""
        raise NotImplementedError

    def status_notification(self, report: StatusReport) -> Outgoing:
        """StatusNotification."""
        raise NotImplementedError

    def passed(self, before: str, report: StatusReport) -> Sequence[ConnectorStatus]:
        """What a connector passes on its way from one wire status to another where the version knows no direct one."""
        return ()

    # -- statuses -------------------------------------------------------------------------------------------------

    def refresh(self, evse: Evse | None = None) -> None:
        """Something may have changed: at an EVSE, or anywhere."""
        self.statuses.refresh(evse)

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """Everything will be reported after the boot."""
        self.statuses.forget()

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """The CSMS does not know anything yet (2.0.1 B01.FR.05)."""
        self.statuses.send_all()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """What has changed meanwhile is reported, as it stands now."""
        self.statuses.refresh()

    # -- in service and out of it ---------------------------------------------------------------------------------

    def change(
        self, evse: Evse | None, connector: Connector | None, *, operative: bool, connectors_only: bool = False
    ) -> tuple[bool, Effect]:
        """Take the station, an EVSE or a connector out of service or back.

        Args:
            evse: None for the whole station.
            connector: None for the EVSE as a whole.
            operative: what it shall be.
            connectors_only: OCPP 1.6, where an EVSE is its connector, a change of the station is one of every
                connector too, and a driver who prepares to charge is not disturbed.

        Returns:
            Whether the change has to wait somewhere (Scheduled), and what to do after the answer.
        """
        equipment = self.context.equipment
        affected = equipment.evses if evse is None else (evse,)
        places = [(e, c) for e in affected for c in e.connectors if connector is None or c is connector]
        lingering = [c for e, c in places if connectors_only and not operative and self._prepares(e, c)]
        running = any(e.transaction is not None and e.transaction.connector_id == c.connector_id for e, c in places)

        def change() -> None:
            were_out = [(e, c) for e, c in places if not equipment.in_service(e, c)]
            if evse is None:
                equipment.operative = operative
            for each, one in places:
                if connectors_only or connector is not None:
                    one.operative = operative
                elif evse is not None:
                    each.operative = operative
                one.lingers = one in lingering
            for each, one in were_out:
                if one.finished and equipment.in_service(each, one):
                    one.finished = False
                    self.context.ask(AUTHORIZATION).replugged(each)  # its driver may start anew (1.6 H2)
            for each in affected:
                self.context.events.tell(UsabilityChanged(each))
            # Connector 0 of 1.6 reports, too (section 4.9).
            if evse is None:
                self.refresh()

        return not operative and (running or bool(lingering)), change

    @property
    def awaited(self) -> bool:
        """Whether something keeps the station as a whole in service although it shall not be."""
        running = self.context.ask(TRANSACTIONS).running()
        return bool(running) or any(c.lingers for e in self.context.equipment.evses for c in e.connectors)

    def prepared(self, evse: Evse) -> None:
        """Those who prepared at an EVSE are done: they charge, or they are gone."""
        changed = [c for c in evse.connectors if c.lingers and not self._prepares(evse, c)]
        for connector in changed:
            connector.lingers = False
        if changed:
            self.context.events.tell(UsabilityChanged(evse))
            if not self.context.equipment.operative:
                self.refresh()

    def _prepares(self, evse: Evse, connector: Connector) -> bool:
        return self.context.equipment.status(evse, connector) is ConnectorStatus.PREPARING

    def remember(self) -> Mapping[str, Any]:
        """Of the station as a whole; EVSEs and connectors are remembered with what runs at them."""
        equipment = self.context.equipment
        return {"operative": equipment.operative, "faults": faults_out(equipment.faults)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put it back."""
        self.context.equipment.operative = memory["operative"]
        self.context.equipment.faults = faults_in(memory["faults"])
