"""Meter values: J of OCPP 2.x."""

from ocpplab_runner.charger.blocks.metering.v2 import MeteringV2
from ocpplab_runner.charger.blocks.metering.v16 import MeteringV16
from ocpplab_runner.charger.core.block import FunctionalBlock

METERING = FunctionalBlock((MeteringV16, MeteringV2))
