"""The status of a connector follows from what is the case: OCPP 1.6 section 4.9 as a table."""

import pytest

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.config import EvData
from ocpplab_runner.charger.core.energy import EnergyMeter
from ocpplab_runner.charger.core.evse import ActiveFault, Evse, Grant, Reservation, connector_status
from ocpplab_runner.charger.core.model import StartTrigger, Transaction
from ocpplab_runner.clock import VIRTUAL_EPOCH
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

CARD = IdToken("A")


def _evse(**facts):
    evse = Evse(1, 1, EnergyMeter(), 11000.0)
    connector = evse.connectors[0]
    if facts.get("plugged"):
        connector.plugged = True
        evse.ev = facts.get("ev", EvData())
    connector.finished = facts.get("finished", False)
    connector.cable_left = facts.get("cable_left", False)
    connector.operative = facts.get("operative", True)
    evse.offer_w = facts.get("offer_w", 11000.0)
    if facts.get("granted"):
        evse.grant = Grant(CARD, None, StartTrigger.AUTHORIZED)
    if facts.get("reserved"):
        evse.reservation = Reservation(1, CARD, None)
    if facts.get("charging"):
        evse.transaction = Transaction("t", 1, 1, CARD, VIRTUAL_EPOCH, 0)
        evse.transaction.refused = facts.get("refused", False)
        evse.transaction.refused_limit_wh = facts.get("limit", 0.0)
        evse.transaction.charging_state = evse.charging_state(0.0)
    if fault := facts.get("fault"):
        connector.faults[fault] = ActiveFault(FAULTS[fault])
    return evse


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "Available"),
        ({"plugged": True}, "Preparing"),
        ({"granted": True}, "Preparing"),
        ({"plugged": True, "finished": True}, "Finishing"),
        ({"cable_left": True}, "Finishing"),
        ({"reserved": True}, "Reserved"),
        ({"reserved": True, "plugged": True}, "Preparing"),
        ({"reserved": True, "granted": True}, "Preparing"),
        ({"plugged": True, "charging": True}, "Charging"),
        ({"plugged": True, "charging": True, "ev": EvData(demand=False)}, "SuspendedEV"),
        ({"plugged": True, "charging": True, "ev": EvData(power_w=0)}, "SuspendedEV"),
        ({"plugged": True, "charging": True, "ev": EvData(energy_needed_wh=0)}, "SuspendedEV"),
        ({"charging": True}, "SuspendedEV"),
        ({"plugged": True, "charging": True, "offer_w": 0}, "SuspendedEVSE"),
        ({"plugged": True, "charging": True, "offer_w": 0, "ev": EvData(demand=False)}, "SuspendedEVSE"),
        ({"plugged": True, "charging": True, "refused": True}, "SuspendedEVSE"),
        ({"plugged": True, "charging": True, "refused": True, "limit": 5.0}, "Charging"),
        ({"operative": False}, "Unavailable"),
        ({"operative": False, "plugged": True}, "Unavailable"),
        ({"operative": False, "reserved": True}, "Unavailable"),
        ({"operative": False, "plugged": True, "charging": True}, "Charging"),
        ({"fault": "GroundFailure"}, "Faulted"),
        ({"fault": "GroundFailure", "operative": False}, "Faulted"),
        ({"fault": "GroundFailure", "plugged": True, "charging": True}, "Faulted"),
        ({"fault": "WeakSignal"}, "Available"),
    ],
)
def test_status(facts, status):
    """Fault before transaction before availability before cable before card before reservation."""
    evse = _evse(**facts)
    assert connector_status(evse, evse.connectors[0]) is ConnectorStatus(status)


def test_station_wide_causes():
    """What holds for the station holds for the connector, but for a running transaction."""
    idle, busy = _evse(), _evse(plugged=True, charging=True)
    assert connector_status(idle, idle.connectors[0], station_operative=False) is ConnectorStatus.UNAVAILABLE
    assert connector_status(busy, busy.connectors[0], station_operative=False) is ConnectorStatus.CHARGING
    assert connector_status(busy, busy.connectors[0], station_broken=True) is ConnectorStatus.FAULTED


def test_power_is_the_smaller_of_what_is_offered_and_wanted():
    """The EV draws what it wants as far as the EVSE offers it, and nothing unless it charges."""
    assert _evse(plugged=True, charging=True).power_w(0.0) == 11000
    assert _evse(plugged=True, charging=True, ev=EvData(power_w=3000)).power_w(0.0) == 3000
    assert _evse(plugged=True, charging=True, offer_w=2000).power_w(0.0) == 2000
    assert _evse(plugged=True).power_w(0.0) == 0
    assert _evse(plugged=True, charging=True, ev=EvData(demand=False)).power_w(0.0) == 0
