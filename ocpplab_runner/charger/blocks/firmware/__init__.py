"""Firmware management: L of OCPP 2.x, the profile Firmware Management of 1.6."""

from ocpplab_runner.charger.blocks.firmware.commands import COMMANDS
from ocpplab_runner.charger.blocks.firmware.v2 import FirmwareV2
from ocpplab_runner.charger.blocks.firmware.v16 import FirmwareV16
from ocpplab_runner.charger.core.block import FunctionalBlock

FIRMWARE = FunctionalBlock((FirmwareV16, FirmwareV2), COMMANDS)
