"""Neutral settings: wire form, types, changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.charger.core.variables import Variables, setting, wire_text
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.settings import SETTINGS


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("5m", 300), ("24h", 86400), ("2d", 172800), ("1h30m", 5400), (7, 7.0), (0.5, 0.5)],
)
def test_durations(value, seconds):
    """A duration is a number of seconds, or text with units."""
    assert seconds_of(value) == seconds


@pytest.mark.parametrize("value", ["", "5", "5 s", "1h 30m", "-1s", "soon", True, -1, None, []])
def test_what_is_no_duration(value):
    """Everything else is refused."""
    with pytest.raises(ValueError, match="not a duration"):
        seconds_of(value)


@pytest.mark.parametrize(
    ("name", "value", "wire"),
    [
        ("connection_timeout", "1m30s", "90"),
        ("connection_timeout", 20, "20"),
        ("local_pre_authorize", False, "false"),
        ("local_pre_authorize", "TRUE", "true"),
        ("transaction_message_attempts", 5, "5"),
        ("sampled_measurands", ["Voltage", " Current.Import "], "Voltage,Current.Import"),
        ("sampled_measurands", "Voltage, Power.Offered", "Voltage,Power.Offered"),
        ("sampled_measurands", "", ""),
        ("master_pass_group", "Group ", "Group "),
    ],
)
def test_wire_text(name, value, wire):
    """What a scenario writes becomes what travels."""
    assert wire_text(SETTINGS[name], value) == wire


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("connection_timeout", "-1"),
        ("connection_timeout", "1.5"),
        ("connection_timeout", "٣"),
        ("connection_timeout", str(2**31)),
        ("local_pre_authorize", "yes"),
        ("no_such_setting", "1"),
    ],
)
def test_bad_values_are_refused_and_change_nothing(name, text):
    """A value that does not fit raises, and the setting stays."""
    variables = Variables()
    before = variables.text(name) if name in SETTINGS else None
    with pytest.raises(ValueError, match=name):
        variables.set(name, text)
    if before is not None:
        assert variables.text(name) == before


def test_every_default_fits_its_type():
    """The table's defaults are values of their own settings."""
    for known in SETTINGS.values():
        assert wire_text(known, known.default + ("s" if known.type == "duration" else "")) == known.default


def test_a_change_has_its_effect_once():
    """What follows from a variable is told of each real change."""
    heard = []
    variables = Variables({"heartbeat_interval": "10s"})
    variables.declare(
        setting(name, changed=lambda name=name: heard.append(name))
        for name in ("heartbeat_interval", "local_pre_authorize")
    )
    variables.set("heartbeat_interval", "10")
    variables.set("heartbeat_interval", "011")
    variables.set("local_pre_authorize", "FALSE")
    assert heard == ["heartbeat_interval", "local_pre_authorize"]
    assert variables.integer("heartbeat_interval") == 11
    assert variables.boolean("local_pre_authorize") is False


@given(st.integers(0, 2**31 - 1))
def test_numbers_survive_the_wire(number):
    """What is set is read back."""
    variables = Variables()
    variables.set("max_energy_on_invalid_id", str(number))
    assert variables.integer("max_energy_on_invalid_id") == number


@given(st.text())
def test_any_text_is_taken_or_refused(text):
    """No text makes a setting crash, and what is taken is canonical."""
    for name in ("connection_timeout", "local_pre_authorize", "sampled_measurands", "master_pass_group"):
        variables = Variables()
        try:
            variables.set(name, text)
        except ValueError:
            continue
        once = variables.text(name)
        variables.set(name, once)
        assert variables.text(name) == once
