"""What OCPP-J asks the receiver of a WebSocket message to do with it, written from the specifications alone.

OCPP-J 1.6 section 4, OCPP 2.0.1 and 2.1 Part 4 section 4. Where these are silent the decision of this project counts:
a message id of 37 to 255 characters is answered with an error under that id; text that is not JSON is answered when it
begins with a message type and a plain message id. Where even that leaves room every outcome in it is right.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance import ocpp_schemas as schemas
from tests.conformance.ocpp_schemas import V16, V21

CHARGER, CSMS = "charger", "csms"
_COMMON = "InternalError NotImplemented NotSupported ProtocolError SecurityError GenericError"
_COMMON += " PropertyConstraintViolation TypeConstraintViolation"
#: The CALLERROR codes: OCPP-J 1.6 table 7 (with its spelling), OCPP 2.0.1 Part 4 section 4.3.
CODES = {
    V16: schemas.words(f"{_COMMON} FormationViolation OccurenceConstraintViolation"),
    schemas.V201: schemas.words(
        f"{_COMMON} FormatViolation OccurrenceConstraintViolation MessageTypeNotSupported RpcFrameworkError"
    ),
}
CODES[V21] = CODES[schemas.V201]
_KIND_CODES = {
    V16: {
        schemas.FORM: "FormationViolation",
        schemas.OCCURRENCE: "OccurenceConstraintViolation",
        schemas.TYPE: "TypeConstraintViolation",
        schemas.VALUE: "PropertyConstraintViolation",
    },
    schemas.V201: {
        schemas.FORM: "FormatViolation",
        schemas.OCCURRENCE: "OccurrenceConstraintViolation",
        schemas.TYPE: "TypeConstraintViolation",
        schemas.VALUE: "PropertyConstraintViolation",
    },
}
_KIND_CODES[V21] = _KIND_CODES[schemas.V201]
_FROM_CHARGER = {
    V16: schemas.words(
        """Authorize BootNotification DataTransfer DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat
        LogStatusNotification MeterValues SecurityEventNotification SignCertificate SignedFirmwareStatusNotification
        StartTransaction StatusNotification StopTransaction"""
    ),
    schemas.V201: schemas.words(
        """Authorize BootNotification ClearedChargingLimit DataTransfer FirmwareStatusNotification
        Get15118EVCertificate GetCertificateStatus Heartbeat LogStatusNotification MeterValues NotifyChargingLimit
        NotifyCustomerInformation NotifyDisplayMessages NotifyEVChargingNeeds NotifyEVChargingSchedule NotifyEvent
        NotifyMonitoringReport NotifyReport PublishFirmwareStatusNotification ReportChargingProfiles
        ReservationStatusUpdate SecurityEventNotification SignCertificate StatusNotification TransactionEvent"""
    ),
}
_FROM_CHARGER[V21] = _FROM_CHARGER[schemas.V201] | schemas.words(
    """BatterySwap ClosePeriodicEventStream GetCertificateChainStatus NotifyDERAlarm NotifyDERStartStop
    NotifyPriorityCharging NotifySettlement OpenPeriodicEventStream PullDynamicScheduleUpdate ReportDERControl
    VatNumberValidation"""
)
#: What the receiver has to process, not merely to refuse as not implemented: the functional blocks that it claims.
_PROCESSED = {
    (CHARGER, V16): schemas.words(
        """CancelReservation ChangeAvailability ChangeConfiguration ClearCache DataTransfer GetConfiguration
        GetLocalListVersion RemoteStartTransaction RemoteStopTransaction ReserveNow Reset SendLocalList TriggerMessage
        UnlockConnector"""
    ),
    (CHARGER, schemas.V201): schemas.words(
        """CancelReservation ChangeAvailability ClearCache DataTransfer GetBaseReport GetLocalListVersion
        GetTransactionStatus GetVariables RequestStartTransaction RequestStopTransaction ReserveNow Reset SendLocalList
        SetVariables TriggerMessage UnlockConnector"""
    ),
    (CSMS, V16): _FROM_CHARGER[V16] - {"SignCertificate"},
    (CSMS, schemas.V201): _FROM_CHARGER[schemas.V201]
    - {
        "Get15118EVCertificate",
        "GetCertificateStatus",
        "NotifyEVChargingNeeds",
        "NotifyEVChargingSchedule",
        "SignCertificate",
    },
}
for _role in (CHARGER, CSMS):
    _PROCESSED[_role, V21] = _PROCESSED[_role, schemas.V201]
#: Messages that nobody answers: answers, what is wrong with one (2.1), and unconfirmed messages (2.1).
_UNANSWERED = {V16: (3, 4), schemas.V201: (3, 4), V21: (3, 4, 5, 6)}
_NOT_DONE = frozenset({"NotImplemented", "NotSupported"})
#: What an Authorize of 2.0.1 carries of a contract certificate. This project's CSMS validates none and says so.
_CERTIFICATES = frozenset({"certificate", "iso15118CertificateHashData"})
#: Deeper than the second is not JSON; what is deeper than the first need not be, and is judged without its depths.
_DEEP, _DEEPEST = 63, 1024
_PREFIX = re.compile(r'[ \t\r\n]*\[[ \t\r\n]*(-?\d+)[ \t\r\n]*,[ \t\r\n]*"([^"\\\x00-\x1f]*)"[ \t\r\n]*,')
_LOOKS_LIKE_ANSWER = re.compile(r"\s*\[\s*[345]\b")


@dataclass(frozen=True, slots=True)
class Expected:
    """What may come back for one message.

    Attributes:
        ids: the message ids under which exactly one answer may come; empty when it must be ignored.
        result: the action whose CALLRESULT is right; None when only a CALLERROR is.
        codes: the CALLERROR codes that are right.
        optional: whether no answer is right, too.
        action: of a CALL that reaches the receiver's own code.
        sure: False where it may as well be refused before it gets there.
    """

    ids: frozenset[str] = frozenset()
    result: str | None = None
    codes: frozenset[str] = frozenset()
    optional: bool = False
    action: str | None = None
    sure: bool = True


IGNORED = Expected()


def goes_to(role: str, version: OcppVersion) -> list[str]:
    """The actions that OCPP directs at a charger or a CSMS."""
    out = _FROM_CHARGER[version]
    return [a for a in schemas.actions(version) if (a in out) is (role == CSMS) or a == "DataTransfer"]


def expect(data: str | bytes, version: OcppVersion, role: str, *, registered: bool) -> Expected:
    """Say what the receiver has to do.

    Args:
        data: one WebSocket message.
        version: of the connection.
        role: the receiver: CHARGER or CSMS.
        registered: whether the charger's boot is known to be accepted.
    """
    try:
        text = data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as error:
        return _not_json(error.object.decode("utf-8", "replace"), version)
    deepest, shallow = _flatten(text)
    if deepest > _DEEPEST:
        return _any_code(_not_json(text, version), version)
    if deepest > _DEEP + 1:  # JSON that was read, or a text that is too deep to be any
        return _either(expect(shallow, version, role, registered=registered), _not_json(text, version), version)
    try:
        value, extreme = read(text)
    except ValueError:
        return _not_json(text, version)
    judged = _frame(value, version, role, registered)
    if extreme:  # a number that some implementations cannot hold: for them the text is not JSON
        other = _not_json(text, version)
        optional = judged.optional or other.optional or not (judged.ids and other.ids)
        judged = replace(judged, ids=judged.ids | other.ids, codes=judged.codes | other.codes, optional=optional)
    return judged


def is_breach(data: str | bytes, expected: Expected) -> bool:
    """Whether a frame surely breaks OCPP-J, answers apart: whether one is right is for its call to say."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    sure = expected.sure and not expected.optional and expected.action is None
    return sure and _LOOKS_LIKE_ANSWER.match(text) is None


def read(text: str) -> tuple[Any, bool]:
    """Strict JSON with exact numbers, and whether one of them is beyond a double.

    Raises:
        ValueError: it is not JSON that every implementation reads alike.
    """
    extreme = False

    def number(digits: str) -> int | Decimal:
        nonlocal extreme
        try:
            decimal = Decimal(digits)
        except ArithmeticError:  # an exponent beyond even Decimal
            decimal = Decimal("1e400")
        if decimal and decimal.adjusted() > 307:
            extreme = True
        return decimal if len(digits) > 300 or not digits.lstrip("-").isdigit() else int(digits)

    value = json.loads(text, parse_constant=_no_constant, parse_int=number, parse_float=number)
    _check_text(value)
    return value, extreme


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        value.encode()  # a lone surrogate is a ValueError
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            key.encode()
            _check_text(item)


def _flatten(text: str) -> tuple[int, str]:
    """How deep a text is nested, and the text without what is deeper than _DEEP."""
    deepest = depth = start = 0
    kept: list[str] = []
    for found in re.finditer(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', text, re.DOTALL):
        bracket = found[0]
        if bracket in ("[", "{"):
            if depth == _DEEP:
                kept.append(text[start : found.end()])
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in ("]", "}"):
            depth -= 1
            if depth == _DEEP:
                start = found.start()
    kept.append(text[start:] if depth <= _DEEP else "")
    return deepest, "".join(kept)


def _either(judged: Expected, other: Expected, version: OcppVersion) -> Expected:
    """Whatever one of the two says."""
    optional = judged.optional or other.optional or not (judged.ids and other.ids)
    either = replace(judged, ids=judged.ids | other.ids, optional=optional, sure=False)
    return _any_code(either, version)


def _any_code(expected: Expected, version: OcppVersion) -> Expected:
    return replace(expected, codes=CODES[version]) if expected.ids else expected


def _error(ids: str | None, version: OcppVersion, *codes: str) -> Expected:
    return Expected(frozenset({"-1" if ids is None else ids}), codes=frozenset(codes))


def _unreadable(version: OcppVersion, message_id: str | None = None) -> Expected:
    return IGNORED if version is V16 else _error(message_id, version, "RpcFrameworkError")


def _unknown_type(version: OcppVersion, message_id: str | None) -> Expected:
    if version is not schemas.V201:  # 1.6 and 2.1 section 4.1.3: it is ignored
        return IGNORED
    return _error(message_id, version, "MessageTypeNotSupported")


def _not_json(text: str, version: OcppVersion) -> Expected:
    form = ("FormationViolation",) if version is V16 else ("FormatViolation", "RpcFrameworkError")
    begin = _PREFIX.match(text)
    if begin is None:
        return replace(_unreadable(version), optional=_LOOKS_LIKE_ANSWER.match(text) is not None)
    kind, message_id = int(begin[1][:9]), begin[2]
    if not re.fullmatch(r"\d|[1-9]\d\d?", begin[1]) or len(message_id) > 36 or not _plain(message_id):
        return Expected(frozenset({message_id, "-1"}), codes=CODES[version], optional=True)
    if kind == 2:
        return _error(message_id, version, *form)
    return IGNORED if kind in _UNANSWERED[version] else _unknown_type(version, message_id)


def _plain(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" or letter == "\ufffd" for letter in text)


def _frame(value: Any, version: OcppVersion, role: str, registered: bool) -> Expected:
    if not isinstance(value, list) or not value:
        return _unreadable(version)
    kind = value[0] if type(value[0]) is int else None
    raw_id = value[1] if len(value) > 1 else None
    message_id = raw_id if isinstance(raw_id, str) and len(raw_id) <= 255 else None
    if kind == 6 and version is V21:
        return _sent(value)
    if kind in _UNANSWERED[version]:
        return IGNORED
    if kind is None:
        return _unreadable(version, message_id)
    if kind != 2:
        other = _unknown_type(version, message_id)
        if abs(kind) < 2**63 or version is V16:
            return other
        # beyond 64 bits it may as well count as no integer at all
        if not other.ids:
            return replace(_unreadable(version, message_id), optional=True)
        return replace(other, codes=other.codes | {"RpcFrameworkError"})
    if message_id is None:
        return _unreadable(version)
    if len(message_id) > 36 or len(value) != 4 or not isinstance(value[2], str):
        return _error(message_id, version, "FormationViolation" if version is V16 else "RpcFrameworkError")
    payload = {} if value[3] is None else value[3]
    return _call(message_id, value[2], payload, version, role, registered)


def _sent(value: list[Any]) -> Expected:
    """An unconfirmed message of 2.1: right or wrong, nothing comes back."""
    match value:
        case [_, str(message_id), str(action), payload] if len(message_id) <= 36 and action in schemas.sends(V21):
            found = schemas.breaches(V21, action, {} if payload is None else payload)
            if not found - {schemas.UNSURE}:
                return Expected(action=action, sure=not found)
    return IGNORED


#: What takes so many items at most (ItemsPerMessage): B05.FR.11, B06.FR.16, B08.FR.17, N04 and N06.
_COUNTED = frozenset({"GetVariables", "SetVariables", "GetReport", "SetVariableMonitoring", "ClearVariableMonitoring"})


def _call(message_id: str, action: str, payload: Any, version: OcppVersion, role: str, registered: bool) -> Expected:
    if action not in schemas.actions(version):
        return _error(message_id, version, "NotImplemented")
    found = schemas.breaches(version, action, payload)
    codes = frozenset(_KIND_CODES[version][kind] for kind in found - {schemas.UNSURE})
    if codes:
        return Expected(frozenset({message_id}), codes=codes | _more(found, version))
    result: str | None = action
    codes = _more(found, version)
    if action not in _PROCESSED[role, version]:
        codes |= _NOT_DONE
        if action not in goes_to(role, version):
            result = None
    if role == CSMS and action == "Authorize" and _CERTIFICATES & payload.keys():
        codes |= {"NotImplemented"}
        result = None
    if not registered:
        codes |= {"SecurityError"}
    if role == CHARGER and action in _COUNTED:
        codes |= {"OccurrenceConstraintViolation"}
    return Expected(frozenset({message_id}), result, codes, action=action, sure=schemas.UNSURE not in found)


def _more(found: frozenset[str], version: OcppVersion) -> frozenset[str]:
    """The codes for what may or may not be a breach."""
    kinds = _KIND_CODES[version]
    return frozenset({kinds[schemas.TYPE], kinds[schemas.VALUE]}) if schemas.UNSURE in found else frozenset()
