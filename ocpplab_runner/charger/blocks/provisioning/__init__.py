"""Boot, heartbeat, variables and reset: B of OCPP 2.x, and much of the profile Core of 1.6."""

from ocpplab_runner.charger.blocks.provisioning.commands import COMMANDS
from ocpplab_runner.charger.blocks.provisioning.v2 import ProvisioningV2
from ocpplab_runner.charger.blocks.provisioning.v16 import ProvisioningV16
from ocpplab_runner.charger.core.block import FunctionalBlock

PROVISIONING = FunctionalBlock((ProvisioningV16, ProvisioningV2), COMMANDS)
