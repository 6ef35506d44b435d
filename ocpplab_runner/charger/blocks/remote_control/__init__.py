"""Remote start and stop, locks, triggers: F of OCPP 2.x, and the profile Remote Trigger of 1.6."""

from ocpplab_runner.charger.blocks.remote_control.commands import COMMANDS
from ocpplab_runner.charger.blocks.remote_control.v2 import RemoteControlV2
from ocpplab_runner.charger.blocks.remote_control.v16 import RemoteControlV16
from ocpplab_runner.charger.core.block import FunctionalBlock

REMOTE_CONTROL = FunctionalBlock((RemoteControlV16, RemoteControlV2), COMMANDS)
