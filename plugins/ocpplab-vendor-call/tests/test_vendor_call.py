"""The verb and its answer, in scenarios run by the real engine."""

from pathlib import Path

import ocpplab_vendor_call
import pytest

from ocpplab_runner.api import run_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "price.yaml"


def test_what_the_station_tells_is_read() -> None:
    """In every version."""
    run = run_scenario(SCENARIO, plugins=[ocpplab_vendor_call])
    assert set(run.verdicts) == {"passed"}, run.report


@pytest.mark.parametrize(
    ("answer", "response", "verdict"),
    [
        ("{data: {kwh: 0.5}}", "{data: {$tariff.says: {kwh: 0.3}}}", "failed"),
        ("{data: {kwh: 0.5}}", "{data: {$not: {$tariff.says: {kwh: 0.3}}}}", "passed"),
        ("{data: 'no JSON'}", "{data: {$tariff.says: {kwh: 0.3}}}", "failed"),
        ("Rejected", "{data: {$tariff.says: {}}}", "failed"),
        ("Rejected", "{status: Rejected}", "passed"),
        ("Rejected", "{status: Accepted}", "failed"),
    ],
)
def test_an_answer_is_judged(answer: str, response: str, verdict: str) -> None:
    """As it is, and by what it says."""
    run = run_scenario(
        f"""
        name: Asked
        ocpp: ["1.6", "2.0.1"]
        given: {{charger: {{vendors: {{org.tariff: {{price: {answer}}}}}}}}}
        steps:
          - tariff.ask: price
            expect: {{response: {response}}}
            within: 5s
        """,
        plugins=[ocpplab_vendor_call],
    )
    assert run.verdicts == [verdict, verdict], run.report


@pytest.mark.parametrize(
    ("came", "holds"),
    [
        ('{"kwh": 1}', True),
        ({"kwh": 1, "more": 2}, True),
        ('{"kwh": 2}', False),
        ("[]", False),
        ("{", False),
        (1, False),
    ],
)
def test_the_matcher_reads_text_and_objects(came: object, holds: bool) -> None:
    """Whatever the station sends."""
    assert ocpplab_vendor_call.says({"kwh": 1}, came) is holds
