"""The check, on cases run by the real engine."""

from pathlib import Path

import ocpplab_energy_check
import pytest

from ocpplab_runner.api import run_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "ten_minutes.yaml"
#: A charger whose meter says what it must not: 30 s after the last reading, at 11 kW.
LYING = """
name: A meter that lies
ocpp: ["1.6"]
given:
  charger: {{settings: {{meter_value_interval: 60s}}}}
  csms: {{id_tokens: {{CARD-1: Accepted}}}}
  state: {{charging: {{id_tag: CARD-1}}}}
steps:
  - wait: 90s
  - proxy_message:
      action: MeterValues
      payload:
        connectorId: 1
        transactionId: 1
        meterValue:
          - timestamp: "2026-01-01T00:01:30Z"
            sampledValue:
              - {{value: "{energy}", measurand: Energy.Active.Import.Register, unit: Wh}}
              - {{value: "11000", measurand: Power.Active.Import, unit: W}}
    expect: {{meter: {{}}}}
"""


def test_what_adds_up_passes() -> None:
    """In every version."""
    run = run_scenario(SCENARIO, plugins=[ocpplab_energy_check])
    assert set(run.verdicts) == {"passed"}, run.report


@pytest.mark.parametrize(("energy", "verdict"), [(275, "passed"), (900, "failed"), (183, "failed"), (100, "failed")])
def test_energy_is_held_against_power_and_time(energy: int, verdict: str) -> None:
    """11 kW for 30 s are 92 Wh above the 183 of the first minute."""
    run = run_scenario(LYING.format(energy=energy), plugins=[ocpplab_energy_check])
    assert run.verdicts == [verdict], run.report


def test_the_failure_says_what_would_have_been_right_and_where() -> None:
    """At the step that was running when the reading came."""
    run = run_scenario(LYING.format(energy=900), plugins=[ocpplab_energy_check])
    [end] = [record for record in run.records if record["type"] == "case" and record["phase"] == "end"]
    assert "717 Wh in 30 s at 11000 W: 80 to 103 Wh are plausible" in end["failure"]["message"]
    assert end["failure"]["line"] == 10
    assert "MeterValues" in "\n".join(end["failure"]["sequence"])


#: A CSMS that says what the session costs: 15 min at 11 kW are 2,750 Wh, which are 1.10 at 0.40.
PRICED = """
name: A session has its price
ocpp: ["2.0.1", "2.1"]
given:
  charger: {{settings: {{meter_value_interval: 60s}}}}
  csms: {{id_tokens: {{CARD-1: Accepted}}}}
  state: {{charging: {{id_tag: CARD-1}}}}
steps:
  - wait: 15m
  - csms_reply: {{to: TransactionEvent, payload: {{totalCost: {cost}}}}}
  - stop_session: {{}}
    expect: {{transaction: ended}}
"""


@pytest.mark.parametrize(
    ("cost", "options", "verdict"),
    [
        (1.10, {"energy.price_per_kwh": 0.4}, "passed"),
        (1.10, {"energy.price_per_kwh": 0.5}, "failed"),
        (2.20, {"energy.price_per_kwh": 0.4}, "failed"),
        (0.0, {"energy.price_per_kwh": 0.4}, "failed"),
        (2.20, {}, "passed"),
    ],
)
def test_a_cost_is_held_against_energy_and_price(cost: float, options: dict[str, float], verdict: str) -> None:
    """Where somebody has said the price."""
    run = run_scenario(PRICED.format(cost=cost), plugins=[ocpplab_energy_check], options=options)
    assert run.verdicts == [verdict, verdict], run.report
    if verdict == "failed":
        assert f"costs {cost:g}; 2750 Wh at" in run.report
