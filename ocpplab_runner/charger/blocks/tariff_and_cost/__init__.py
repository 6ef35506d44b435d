"""Tariff and cost: I of OCPP 2.x, and the DataTransfers of 1.6's application note."""

from ocpplab_runner.charger.blocks.tariff_and_cost.v2 import TariffAndCostV2
from ocpplab_runner.charger.blocks.tariff_and_cost.v16 import TariffAndCostV16
from ocpplab_runner.charger.blocks.tariff_and_cost.v21 import TariffAndCostV21
from ocpplab_runner.charger.core.block import FunctionalBlock

TARIFF_AND_COST = FunctionalBlock((TariffAndCostV16, TariffAndCostV21, TariffAndCostV2))
