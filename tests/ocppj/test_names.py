"""OCPP's names and the same in snake_case."""

from __future__ import annotations

import pytest

from ocpplab_runner.ocppj.names import camel_case, payload_names, snake_case
from ocpplab_runner.ocppj.schemas import actions
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21


@pytest.mark.parametrize("version", [V16, V201])
def test_every_action_has_two_spellings(version: OcppVersion) -> None:
    """From OCPP's to snake_case and back."""
    for action in actions(version):
        assert camel_case(version, snake_case(action)) == action


def test_names_that_ocpp_does_not_have_stay() -> None:
    """Vendor data is left alone."""
    payload = {"vendor_id": "x", "my_own": {"deep_er": 1}}
    assert payload_names(V16, "DataTransfer", payload, "request") == {"vendorId": "x", "my_own": {"deep_er": 1}}
    assert payload_names(V16, "Unheard", payload, "request") == payload


@pytest.mark.parametrize("snake", [False, True])
@pytest.mark.parametrize(
    ("schedule", "name"),
    [("priceLevelSchedule", "priceScheduleId"), ("absolutePriceSchedule", "priceScheduleID")],
)
def test_a_name_that_two_objects_spell_differently(schedule: str, name: str, snake: bool) -> None:
    """Is spelled as the object has it, whatever another object of the message has."""
    price = {"price_schedule_id" if snake else name: 7}
    payload = {"chargingSchedule": {schedule: price}}
    renamed = payload_names(V21, "NotifyEVChargingSchedule", payload, "request")
    assert renamed == {"chargingSchedule": {schedule: {name: 7}}}


def test_what_is_below_a_name_that_ocpp_does_not_have() -> None:
    """Stays, also where OCPP has such names elsewhere in the message."""
    payload = {"custom_data": {"vendor_id": "x", "id_token": {"evse_id": 1}}}
    renamed = payload_names(V201, "Authorize", payload, "request")
    assert renamed == {"customData": {"vendorId": "x", "id_token": {"evse_id": 1}}}
