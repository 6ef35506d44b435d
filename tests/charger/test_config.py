"""given.charger as a station's configuration."""

import pytest

from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, IdTokenType, SelectionAlgorithm
from ocpplab_runner.charger.config import CardData, ChargerConfig, EvData
from ocpplab_runner.clock import VIRTUAL_EPOCH


def test_defaults_are_those_of_the_language():
    """An empty mapping gives the documented station."""
    config = ChargerConfig.from_given({})
    assert (config.identity, config.vendor, config.model) == ("CP-1", "ocpplab", "Simulated")
    assert (config.serial_number, config.firmware_version) == ("SIM-0001", "1.0.0")
    assert (config.evses, config.connectors_per_evse, config.max_power_w) == (1, 1, 11000)
    assert (config.phases, config.voltage_v, config.meter_start_wh, config.reconnect) == (3, 230, 0, 5)
    assert config.authorization.selection_algorithm is SelectionAlgorithm.PLUG_EVENTS
    assert config.features == {
        "Core",
        "FirmwareManagement",
        "LocalAuthListManagement",
        "RemoteTrigger",
        "Reservation",
        "Resumption",
        "Security",
        "SmartCharging",
    }
    assert config.local_list_max == 1000


def test_name_gives_the_identity():
    """A charger is CP- and its name, unless it has an identity of its own; the user of basic auth is the identity."""
    assert ChargerConfig.from_given({}, name="A").identity == "CP-A"
    config = ChargerConfig.from_given({"identity": "X", "basic_auth": {"password": "p"}}, name="A")
    assert config.basic_auth == ("X", "p")


def test_cards():
    """A card is a status or a mapping; expiry counts from the start."""
    config = ChargerConfig.from_given(
        {
            "local_list": {"version": 3, "entries": {"A": "Blocked", "B": {"status": "Accepted", "expires_in": "1h"}}},
            "cache": {"C": {"status": "Accepted", "parent_id_token": "G", "expired_for": "1m"}},
        }
    )
    assert config.local_list_version == 3
    assert config.local_list["A"] == CardData(AuthorizationStatus.BLOCKED)
    result = config.local_list["B"].result(VIRTUAL_EPOCH)
    assert (result.expiry_time - VIRTUAL_EPOCH).total_seconds() == 3600
    result = config.cache["C"].result(VIRTUAL_EPOCH)
    assert result.parent_id_token.value == "G"
    assert result.at(VIRTUAL_EPOCH).authorization_status is AuthorizationStatus.EXPIRED


def test_a_card_has_a_type():
    """2.x: who is known as an eMAID is no RFID card."""
    given = {"status": "Accepted", "type": "eMAID"}
    card = ChargerConfig.from_given({"local_list": {"entries": {"A": given, "B": "Accepted"}}}).local_list["A"]
    assert card.token("A") == IdToken("A", IdTokenType.EMAID)
    assert card.token("A") != IdToken("A")
    assert card.as_given() == given
    assert CardData.from_given("Accepted").token("B") == IdToken("B")
    with pytest.raises(ValueError, match="'Fob'"):
        CardData.from_given({"status": "Accepted", "type": "Fob"})


@pytest.mark.parametrize(
    "written",
    [
        {"status": "Blocked"},
        {"status": "Accepted", "parent_id_token": "G", "expires_in": "3600s"},
        {"status": "Accepted", "expired_for": "60s"},
    ],
)
def test_a_card_is_written_as_it_is_read(written):
    """What a scenario gives can be handed on to whoever arranges it."""
    assert CardData.from_given(written).as_given() == written


def test_ev():
    """A plug's ev changes only what it says."""
    config = ChargerConfig.from_given({"ev": {"power_w": 7000, "energy_needed_wh": 500}})
    assert config.ev == EvData(True, 7000, 500)
    assert config.ev.updated({"demand": False}) == EvData(False, 7000, 500)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"evses": 0}, "evses is 1 to 64"),
        ({"evses": 65}, "evses is 1 to 64"),
        ({"connectors_per_evse": 9}, "connectors_per_evse is 1 to 8"),
        ({"phases": 2}, "phases is 1 or 3"),
        ({"unlock": "maybe"}, "unlock is works"),
        ({"local_reason": "maybe"}, "local_reason is sent or left_out"),
        ({"clock": {"ahead": "soon"}}, "not a duration"),
        ({"ev_side_unplug": "maybe"}, "ev_side_unplug is allowed"),
        ({"features": ["Magic"]}, "there is no feature Magic"),
        ({"colour": "red"}, "a charger has no colour"),
        ({"settings": {"nope": 1}}, "no setting 'nope'"),
        ({"settings": {"connection_timeout": "soon"}}, "not a duration"),
        ({"cache": {"A": "Fine"}}, "Fine"),
        ({"cache": {"A": 1}}, "a card is a status"),
        ({"reconnect": "x"}, "not a duration"),
        ({"authorization": {"selection_algorithm": "Dice"}}, "Dice"),
        ({"authorization": {"quirks": ["dice"]}}, "dice"),
        ({"authorization": {"dice": True}}, "no dice"),
        ({"authorization": {"validators": ["dice"]}}, "dice"),
    ],
)
def test_what_makes_no_station(given, problem):
    """Each mistake is told in words."""
    with pytest.raises(ValueError, match=problem):
        ChargerConfig.from_given(given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quirks": ["stuck"]}, "authorization.quirks: 'stuck' is none of .*stuck-sibling"),
        ({"quirks": "stuck-sibling"}, "authorization.quirks: 'stuck-sibling' is no list"),
        ({"selection_algorithm": "Foo"}, "authorization.selection_algorithm: 'Foo' is none of .*FindFirst"),
        ({"validators": "csms"}, "authorization.validators: 'csms' is no list"),
        ({"validators": ["cms"]}, "authorization.validators: .*'cms'"),
        ({"validators": [{"name": "g", "otherwise": "Acepted"}]}, "'Acepted' is no verdict .*Accepted"),
    ],
)
def test_a_computed_option_that_is_none_says_what_there_is(options: dict[str, object], message: str) -> None:
    """The option, the value, and the values that it may have."""
    with pytest.raises(ValueError, match=message):
        ChargerConfig.from_given({"authorization": options})
