"""Verbs and facets by functional block, under the names that the blocks of charger and CSMS have.

A new block is a module here and one word in :data:`_BLOCKS`.
"""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, VerbSpec
from ocpplab_runner.steps import core_specs
from ocpplab_runner.steps.blocks import (
    authorization,
    availability,
    certificates,
    data_transfer,
    der_control,
    diagnostics,
    display_message,
    firmware,
    local_list,
    metering,
    monitoring,
    payment,
    provisioning,
    remote_control,
    reservation,
    security,
    smart_charging,
    tariff_and_cost,
    transactions,
)

_BLOCKS = (
    provisioning,
    authorization,
    local_list,
    transactions,
    reservation,
    remote_control,
    availability,
    smart_charging,
    der_control,
    tariff_and_cost,
    payment,
    metering,
    security,
    certificates,
    firmware,
    diagnostics,
    monitoring,
    display_message,
    data_transfer,
    core_specs,
)
#: Every verb that acts on a charger, a CSMS or the world.
ACTING: tuple[VerbSpec, ...] = tuple(spec for block in _BLOCKS for spec in getattr(block, "VERBS", ()))
#: Everything that ``expect``, ``never`` and ``throughout`` can look for.
FACETS: tuple[FacetSpec, ...] = tuple(spec for block in _BLOCKS for spec in getattr(block, "FACETS", ()))
