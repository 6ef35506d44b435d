"""Smart charging: K of OCPP 2.x, the profile Smart Charging of 1.6."""

from ocpplab_runner.charger.blocks.smart_charging.bidirectional import BidirectionalV21
from ocpplab_runner.charger.blocks.smart_charging.commands import COMMANDS
from ocpplab_runner.charger.blocks.smart_charging.v2 import SmartChargingV2
from ocpplab_runner.charger.blocks.smart_charging.v16 import SmartChargingV16
from ocpplab_runner.charger.core.block import FunctionalBlock

SMART_CHARGING = FunctionalBlock((SmartChargingV16, BidirectionalV21, SmartChargingV2), COMMANDS)
