"""Random and mutated frames against charger and CSMS: each is answered or ignored as OCPP-J says.

``python -m benchmarks.fuzz_frames 10000`` throws ten thousand at each.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance import ocpp_schemas as schemas
from tests.conformance.frame_bout import Bout
from tests.conformance.frame_charger import ChargerBout
from tests.conformance.frame_csms import CsmsBout
from tests.conformance.frame_generator import FrameGenerator
from tests.conformance.frame_oracle import CHARGER, CODES, CSMS, IGNORED, Expected, expect, read
from tests.conformance.ocpp_schemas import V16, V21, V201
from tests.thoroughness import THOROUGH

VERSIONS = (V16, V201, V21)
_HASHES = '{"hashAlgorithm":"SHA256","issuerNameHash":"A","issuerKeyHash":"B","serialNumber":"1","responderURL":"u"}'


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", [ChargerBout, CsmsBout])
def test_hundreds_of_frames_do_no_harm(kind: type[ChargerBout | CsmsBout], version: OcppVersion) -> None:
    """Every frame is answered or ignored as it should, and no task, socket or timer outlives the receiver."""

    number = 700 if THOROUGH else 300

    async def main() -> Bout:
        bout = kind(version, number, seed=1)
        await bout.run()
        return bout

    score = clock.run(main()).score
    assert score.breaches == []
    assert score.thrown >= number
    assert score.answered + score.ignored + score.waived + score.lost == score.thrown
    assert score.results > number / 14
    assert len(score.errors) >= 6
    assert len(score.states) >= 3


def answer(message_id: str, *codes: str, result: str | None = None, optional: bool = False) -> Expected:
    return Expected(frozenset({message_id}), result, frozenset(codes), optional, result)


@pytest.mark.parametrize(
    ("frame", "in_16", "in_201"),
    [
        ('[2,"1","Heartbeat",{}]', answer("1", result="Heartbeat"), answer("1", result="Heartbeat")),
        ('[2,"1","Heartbeat",null]', answer("1", result="Heartbeat"), answer("1", result="Heartbeat")),
        ('[2,"1","Nonsense",{}]', answer("1", "NotImplemented"), answer("1", "NotImplemented")),
        ('[2,"1","Heartbeat",[]]', answer("1", "FormationViolation"), answer("1", "FormatViolation")),
        ('[2,"1","Heartbeat",{"x":1}]', answer("1", "FormationViolation"), answer("1", "FormatViolation")),
        (
            '[2,"1","Authorize",{}]',
            answer("1", "OccurenceConstraintViolation"),
            answer("1", "OccurrenceConstraintViolation"),
        ),
        ('[2,"1","Heartbeat"]', answer("1", "FormationViolation"), answer("1", "RpcFrameworkError")),
        ('[2,"1",7,{}]', answer("1", "FormationViolation"), answer("1", "RpcFrameworkError")),
        (
            f'[2,"{"x" * 37}","Heartbeat",{{}}]',
            answer("x" * 37, "FormationViolation"),
            answer("x" * 37, "RpcFrameworkError"),
        ),
        (f'[2,"{"x" * 256}","Heartbeat",{{}}]', IGNORED, answer("-1", "RpcFrameworkError")),
        ('[2,7,"Heartbeat",{}]', IGNORED, answer("-1", "RpcFrameworkError")),
        ('["2","1","Heartbeat",{}]', IGNORED, answer("1", "RpcFrameworkError")),
        ('[5,"1","Heartbeat",{}]', IGNORED, answer("1", "MessageTypeNotSupported")),
        ("[9]", IGNORED, answer("-1", "MessageTypeNotSupported")),
        ('[3,"nobody",{}]', IGNORED, IGNORED),
        ('[4,"nobody"]', IGNORED, IGNORED),
        ("[3]", IGNORED, IGNORED),
        ("{}", IGNORED, answer("-1", "RpcFrameworkError")),
        ("", IGNORED, answer("-1", "RpcFrameworkError")),
        (b"\xff", IGNORED, answer("-1", "RpcFrameworkError")),
        (
            '[2,"1","Heartbeat",{"n":NaN}]',
            answer("1", "FormationViolation"),
            answer("1", "FormatViolation", "RpcFrameworkError"),
        ),
        (
            '[2,"1","Heartbeat",{"n":"\\ud800"}]',
            answer("1", "FormationViolation"),
            answer("1", "FormatViolation", "RpcFrameworkError"),
        ),
        ('[3,"1",{"n":NaN}]', IGNORED, IGNORED),
        (
            f'[true,"1","Heartbeat",{"[" * 500}{"]" * 500}]',
            Expected(optional=True, sure=False),
            Expected(frozenset({"1", "-1"}), codes=CODES[V201], sure=False),
        ),
        (f'[2,"1","Heartbeat",{"[" * 1500}{"]" * 1500}]', answer("1", *CODES[V16]), answer("1", *CODES[V201])),
        (f'{{"a":{"[" * 1500}', IGNORED, answer("-1", *CODES[V201])),
        ('[2,"1', IGNORED, answer("-1", "RpcFrameworkError")),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, str | bytes) else "",
)
def test_what_the_oracle_says(frame: str | bytes, in_16: Expected, in_201: Expected) -> None:
    """OCPP-J 1.6 section 4, OCPP 2.0.1 Part 4 sections 4.1 to 4.4, case by case."""
    assert expect(frame, V16, CSMS, registered=True) == in_16
    assert expect(frame, V201, CSMS, registered=True) == in_201


_STREAM = '{"id":1,"pending":0,"basetime":"2026-01-01T00:00:00Z","data":[{"t":0,"v":"1"}]}'


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ('[5,"1","FormatViolation","",{}]', IGNORED),
        ('[5,"1"]', IGNORED),
        ('[5,7,"FormatViolation","",{}]', IGNORED),
        (f'[6,"1","NotifyPeriodicEventStream",{_STREAM}]', Expected(action="NotifyPeriodicEventStream")),
        ('[6,"1","NotifyPeriodicEventStream",{}]', IGNORED),
        ('[6,"1","Heartbeat",{}]', IGNORED),
        ('[6,"1",', IGNORED),
        ('[7,"1","Heartbeat",{}]', IGNORED),
        ("[9]", IGNORED),
        ('[100000000000000000000,"1"]', answer("1", "RpcFrameworkError", optional=True)),
        (f'[2,"1","NotifyPeriodicEventStream",{_STREAM}]', answer("1", "NotImplemented")),
        ('[2,7,"Heartbeat",{}]', answer("-1", "RpcFrameworkError")),
    ],
)
def test_what_the_oracle_says_of_the_types_of_2_1(frame: str, expected: Expected) -> None:
    """OCPP 2.1 Part 4: an error about an answer and an unconfirmed message are never answered, right or wrong."""
    assert expect(frame, V21, CSMS, registered=True) == expected


def test_what_the_oracle_says_of_directions_and_registration() -> None:
    """A message for the other side is refused; before its boot is accepted a station may be told so."""
    heartbeat = expect('[2,"1","Heartbeat",{}]', V16, CHARGER, registered=True)
    assert heartbeat.result is None
    assert heartbeat.codes == {"NotSupported", "NotImplemented"}
    early = expect('[2,"1","ClearCache",{}]', V201, CHARGER, registered=False)
    assert early.result == "ClearCache"
    assert early.codes == {"SecurityError"}


@pytest.mark.parametrize("field", ['"certificate":"PEM"', f'"iso15118CertificateHashData":[{_HASHES}]'])
def test_what_the_oracle_says_of_a_contract_certificate(field: str) -> None:
    """The CSMS answers for none that it has not read; a charger gets no Authorize at all."""
    frame = f'[2,"1","Authorize",{{"idToken":{{"idToken":"A","type":"eMAID"}},{field}}}]'
    assert expect(frame, V201, CSMS, registered=True) == Expected(
        frozenset({"1"}), codes=frozenset({"NotImplemented"}), action="Authorize"
    )
    assert expect(frame, V201, CHARGER, registered=True).codes == {"NotImplemented", "NotSupported"}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_sample_fits_its_schema(version: OcppVersion) -> None:
    """What counts as a valid frame is one: of every action, requests and answers."""
    generator = FrameGenerator(version, CHARGER, Random(1))
    for action in schemas.actions(version):
        for as_answer in (False, True):
            for _ in range(5):
                payload = read(generator.dump(generator.payload(action, answer=as_answer)))[0]
                assert not schemas.breaches(version, action, payload, answer=as_answer) - {schemas.UNSURE}, payload
    for action in schemas.sends(version):
        payload = read(generator.dump(generator.payload(action)))[0]
        assert not schemas.breaches(version, action, payload) - {schemas.UNSURE}, payload


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"idToken": {"idToken": "A", "type": "ISO14443"}}, set()),
        ({}, {schemas.OCCURRENCE}),
        ({"idToken": {"idToken": "A", "type": "Card"}}, {schemas.VALUE}),
        ({"idToken": {"idToken": "A" * 37, "type": "ISO14443"}}, {schemas.VALUE}),
        ({"idToken": {"idToken": 7, "type": "ISO14443", "x": 1}}, {schemas.TYPE, schemas.FORM}),
        ({"idToken": {"idToken": "A", "type": "ISO14443", "additionalInfo": []}}, {schemas.OCCURRENCE}),
        ([], {schemas.FORM}),
    ],
)
def test_the_judge(value: object, found: set[str]) -> None:
    """Each kind of breach is found."""
    assert schemas.breaches(V201, "Authorize", value) == found


@pytest.mark.parametrize(
    ("limit", "found"),
    [("21.4", set()), ("0.3", set()), ("16", set()), ("0.05", {schemas.VALUE}), ("1e999", {schemas.UNSURE})],
)
def test_the_judge_counts_tenths_exactly(limit: str, found: set[str]) -> None:
    """1.6 limits are multiples of 0.1 as they stand in the text."""
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": Decimal(limit)}]}
    profile = {"chargingProfileId": 1, "stackLevel": 1, "chargingProfilePurpose": "TxProfile"}
    profile |= {"chargingProfileKind": "Absolute", "chargingSchedule": schedule}
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    assert schemas.breaches(V16, "SetChargingProfile", payload) == found
