"""The topics of EVerest's documents, letter by letter."""

from __future__ import annotations

import pytest

from ocpplab_runner.everest import board_errors, car_simulator
from ocpplab_runner.everest.topics import Module, Topics

_BARE, _PREFIXED = Topics(), Topics("external_7f")


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [
        (
            _BARE.to(Module.TOKEN_PROVIDER, "api", "provided_token"),
            "everest_api/1/auth_token_provider/api/m2e/provided_token",
        ),
        (
            _BARE.said_by(Module.AUTH, "obs", "token_validation_status"),
            "everest_api/1/auth_consumer/obs/e2m/token_validation_status",
        ),
        (
            _BARE.said_by(Module.TOKEN_VALIDATOR, "v", "validate_token"),
            "everest_api/1/auth_token_validator/v/e2m/validate_token",
        ),
        (
            _BARE.said_by(Module.EVSE_MANAGER, "evse1", "session_event"),
            "everest_api/1/evse_manager_consumer/evse1/e2m/session_event",
        ),
        (_BARE.said_by(Module.OCPP, "o", "ocpp_message"), "everest_api/1/ocpp_consumer/o/e2m/ocpp_message"),
        (_BARE.query(Module.AUTH), "everest_api/query-modules/auth_consumer"),
        (_BARE.dummy_token_provider("dummy_token_provider"), "everest_api/dummy_token_provider/cmd/provide"),
        (_BARE.websocket(connect=True), "everest_api/ocpp/cmd/connect"),
        (_BARE.websocket(connect=False), "everest_api/ocpp/cmd/disconnect"),
        (
            _BARE.car(2, "execute_charging_session"),
            "everest_external/nodered/2/carsim/cmd/execute_charging_session",
        ),
        (_BARE.board_error(1), "everest_external/nodered/1/carsim/error"),
        (_PREFIXED.board_error(1), "external_7feverest_external/nodered/1/carsim/error"),
        (_PREFIXED.query(Module.AUTH), "external_7feverest_api/query-modules/auth_consumer"),
    ],
)
def test_topics_are_those_of_the_documents(topic: str, wanted: str) -> None:
    """A prefix stands before them without a separator."""
    assert topic == wanted


def test_an_answer_is_asked_for_without_the_prefix_and_comes_with_it() -> None:
    """EVerest puts the prefix before what stands in ``replyTo``."""
    reply = _PREFIXED.reply("1")
    assert not reply.startswith("external_7f")
    assert _PREFIXED.with_prefix(reply) == f"external_7f{reply}"
    assert not set(reply) & set("+#")


@pytest.mark.parametrize(
    ("topic", "prefix", "car"),
    [
        ("everest_api/1/auth_consumer/o/e2m/heartbeat", "", None),
        ("external_7feverest_external/nodered/2/state/state_string", "external_7f", 2),
        ("a/beverest_external/nodered/1/powermeter_json", "a/b", 1),
        ("everest_external/nodered/x/cmd", "", None),
        ("everest/modules/auth", None, None),
    ],
)
def test_a_topic_tells_whose_it_is(topic: str, prefix: str | None, car: int | None) -> None:
    """Its prefix, and the number of the simulation's."""
    assert Topics.prefix_of(topic) == prefix
    assert Topics(prefix or "").car_of(topic) == car


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("x_everest_api/1/auth_token_provider/p/m2e/provided_token", True),
        ("x_everest_api/1/auth_token_validator/v/m2e/reply/7", False),
        ("x_everest_api/1/auth_consumer/a/m2e/communication_check", False),
        ("x_everest_api/1/auth_consumer/a/e2m/token_validation_status", False),
        ("x_everest_api/query-modules/auth_consumer", False),
        ("x_everest_api/ocpp/cmd/disconnect", True),
        ("x_everest_external/nodered/1/carsim/cmd/execute_charging_session", True),
        ("x_everest_external/nodered/1/carsim/error", True),
        ("x_everest_external/nodered/1/state/temperature", False),
        ("everest_api/ocpp/cmd/disconnect", False),
    ],
)
def test_what_is_told_to_everest_can_be_told_again(topic: str, told: bool) -> None:
    """What it says itself, and questions who is there, cannot; nor what another EVerest was told."""
    assert Topics("x_").tells(topic) is told


def test_what_an_api_module_says_is_taken_apart() -> None:
    """Type, module and name, of this installation."""
    assert _PREFIXED.said(_PREFIXED.said_by(Module.AUTH, "a", "heartbeat")) == ("auth_consumer", "a", "heartbeat")
    assert _PREFIXED.said(_PREFIXED.to(Module.AUTH, "a", "x")) is None
    assert _PREFIXED.said(_BARE.said_by(Module.AUTH, "a", "x")) is None


def test_the_car_simulator_knows_the_commands() -> None:
    """Only commands of EvManager, with their arguments."""
    texts = [car_simulator.plug_in(), car_simulator.plug_in(draws=False), car_simulator.draw(amps=10, phases=1)]
    texts += [car_simulator.pause(), car_simulator.unplug()]
    known = {"iec_wait_pwr_ready": 0, "draw_power_regulated": 2, "sleep": 1, "pause": 0, "unplug": 0}
    for text in texts:
        for command in text.split(";"):
            name, *arguments = command.replace(",", " ").split()
            assert len(arguments) == known[name]
    assert "draw_power" not in texts[1]


def test_board_errors_are_texts() -> None:
    """YetiSimulator reads ``raise`` as a text."""
    assert board_errors.payload("BrownOut", raised=True) == {"error_type": "BrownOut", "raise": "true"}
    assert board_errors.payload("BrownOut", raised=False)["raise"] == "false"
    assert not any(name.startswith(("lock_", "ac_rcd_")) for name in board_errors.ERRORS.values())
