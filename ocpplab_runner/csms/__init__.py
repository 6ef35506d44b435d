"""The built-in CSMS: it knows cards, answers stations as a scenario says, and calls them in their own version.

The API for the rooms above::

    csms = BuiltInCsms(CsmsConfig.from_given(given), observer=…, random=…)     # on a running loop
    await csms.start(host="127.0.0.1", port=0, versions=…, ssl=None, authenticate=None);  csms.port;  await csms.stop()
    await csms.wait_connected(identity) -> StationSession;  csms.stations[identity];  csms.transactions
    await csms.wait_accepted(identity) -> StationSession
    csms.operate(identity, "remote_start", fields, raw=False) -> SentCall(message_id, action, future)
    csms.call(identity, action, payload, raw=False) -> SentCall
    csms.program(identity, fields_of_csms_reply);  csms.set_id_token(token, card)
"""

from ocpplab_runner.csms.assembly import ANSWERED, OPERATIONS, VIOLATIONS
from ocpplab_runner.csms.core.config import BootPlan, CsmsConfig
from ocpplab_runner.csms.core.id_tokens import Card, wire_status
from ocpplab_runner.csms.core.operations import NoAddressKnown, NothingToOperateOn, OperationNotAvailable
from ocpplab_runner.csms.server import BuiltInCsms
from ocpplab_runner.csms.station import CsmsObserver, StationNotConnected, StationSession

__all__ = [
    "ANSWERED",
    "OPERATIONS",
    "VIOLATIONS",
    "BootPlan",
    "BuiltInCsms",
    "Card",
    "CsmsConfig",
    "CsmsObserver",
    "NoAddressKnown",
    "NothingToOperateOn",
    "OperationNotAvailable",
    "StationNotConnected",
    "StationSession",
    "wire_status",
]
