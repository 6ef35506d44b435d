"""Tariff and cost: what charging costs, and what the driver is shown of it."""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    EVSE_ID,
    EVSE_NUMBER,
    FOR_CARD,
    NUMBER,
    OBJECT,
    OF_TRANSACTION,
    ON_EVSE,
    ONLY_16,
    ONLY_21,
    TEXT,
    TOKEN,
    is_,
    sends,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

_TARIFF = FieldSpec(
    "tariff",
    OBJECT,
    "A TariffType of 2.1, also in snake_case, or shorter: `{energy: 0.3}`; see docs/cost.md.",
    True,
)
_COST = {"enum": ["running", "total"]}
_SHOWN = {"enum": ["qr_code", "receipt", "running_cost", "tariff", "total_cost"]}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "update_cost",
        "The CSMS tells the charger what a transaction costs so far (CostUpdated; in 1.6 RunningCost of DataTransfer).",
        "csms",
        (
            FieldSpec("total", NUMBER, "The amount, taxes included.", True),
            FieldSpec("transaction_id", OF_TRANSACTION.schema, "Which; the latest running one unless said."),
            replace(EVSE_ID, description="Or: the one on this EVSE."),
            FieldSpec(
                "details",
                OBJECT,
                "Other fields of 1.6's RunningCost, such as `chargingPrice` and `triggerMeterValue`.",
            ),
        ),
        shorthand="total",
        example="update_cost: 1.25",
        actions=sends("DataTransfer", "CostUpdated"),
    ),
    VerbSpec(
        "final_cost",
        "The CSMS tells the charger what a transaction has cost in all (FinalCost of 1.6's DataTransfer).",
        "csms",
        (
            FieldSpec("total", NUMBER, "The amount, taxes included.", True),
            FieldSpec("text", TEXT, "What the driver is told beside it."),
            FieldSpec("qr_code", TEXT, "What a QR code for the driver says."),
            FieldSpec("transaction_id", OF_TRANSACTION.schema, "Which; the one that has ended last unless said."),
        ),
        shorthand="total",
        versions=ONLY_16,
        example="final_cost: {total: 4.2, text: Thank you}",
        actions={OcppVersion.V16: "DataTransfer"},
    ),
    VerbSpec(
        "set_user_price",
        "The CSMS tells the charger a driver's prices (SetUserPrice of 1.6's DataTransfer).",
        "csms",
        (
            FieldSpec("id_tag", TOKEN, "The driver's card.", True),
            FieldSpec("text", TEXT, "The prices.", True),
        ),
        versions=ONLY_16,
        example="set_user_price: {id_tag: CARD-1, text: 0.30 a kWh}",
        actions={OcppVersion.V16: "DataTransfer"},
    ),
    VerbSpec(
        "set_default_tariff",
        "The CSMS gives the charger a tariff to count by (SetDefaultTariff).",
        "csms",
        (_TARIFF, replace(EVSE_ID, schema=EVSE_NUMBER, description="At which EVSE; at every one unless said.")),
        shorthand="tariff",
        versions=ONLY_21,
        example="set_default_tariff: {tariff: {energy: 0.3, idle_time: 0.1}, evse_id: 1}",
        actions={OcppVersion.V21: "SetDefaultTariff"},
    ),
    VerbSpec(
        "get_tariffs",
        "The CSMS asks which tariffs the charger has (GetTariffs).",
        "csms",
        (replace(EVSE_ID, schema=EVSE_NUMBER, description="At which EVSE; at every one unless said."),),
        shorthand="evse_id",
        versions=ONLY_21,
        example="get_tariffs: {}",
        actions={OcppVersion.V21: "GetTariffs"},
    ),
    VerbSpec(
        "clear_tariffs",
        "The CSMS takes default tariffs away (ClearTariffs): those that meet everything that is named.",
        "csms",
        (
            FieldSpec("tariff_ids", {"type": "array", "items": TEXT, "minItems": 1}, "Which; all unless said."),
            replace(EVSE_ID, description="At which EVSE; at every one unless said."),
        ),
        versions=ONLY_21,
        example="clear_tariffs: {tariff_ids: [NIGHT]}",
        actions={OcppVersion.V21: "ClearTariffs"},
    ),
    VerbSpec(
        "change_transaction_tariff",
        "The CSMS gives a running transaction another tariff from now on (ChangeTransactionTariff).",
        "csms",
        (
            _TARIFF,
            FieldSpec("transaction_id", OF_TRANSACTION.schema, "Which; the latest running one unless said."),
            replace(EVSE_ID, description="Or: the one on this EVSE."),
        ),
        shorthand="tariff",
        versions=ONLY_21,
        example="change_transaction_tariff: {tariff: {energy: 0.2}}",
        actions={OcppVersion.V21: "ChangeTransactionTariff"},
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "cost",
        "CSMS or charger has told the other what a transaction costs.",
        (
            is_(_COST, "So far, or in all.", always=True),
            FieldSpec("amount", NUMBER, "How much, taxes included.", always=True),
            FieldSpec("by", {"enum": ["charger", "csms"]}, "Who has counted.", always=True),
            FieldSpec("currency", TEXT, "In which the charger has counted (ISO 4217)."),
            replace(OF_TRANSACTION, always=True),
        ),
        value=_COST,
        event="cost",
        subject=("transaction_id",),
        example="cost: {is: total, amount: 4.2}",
    ),
    FacetSpec(
        "price_display",
        "The charger shows the driver what charging costs; only where the target sees inside.",
        (
            is_(
                _SHOWN,
                "A price, a cost so far or in all, where the receipt is, or where to pay (a code's URL).",
                always=True,
            ),
            FieldSpec("text", TEXT, "The text, of a tariff or instead of an amount that nobody knows."),
            FieldSpec("amount", NUMBER, "The amount, taxes included."),
            FieldSpec("currency", TEXT, "In which the amount is (ISO 4217)."),
            ON_EVSE,
            FOR_CARD,
        ),
        value=_SHOWN,
        event="price_display",
        subject=("evse_id",),
        example="price_display: {is: running_cost, amount: 1.25}",
    ),
)
