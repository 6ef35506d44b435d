"""Security: A of OCPP 2.x, the security whitepaper of 1.6."""

from ocpplab_runner.charger.blocks.security.commands import COMMANDS
from ocpplab_runner.charger.blocks.security.v2 import SecurityV2
from ocpplab_runner.charger.blocks.security.v16 import SecurityV16
from ocpplab_runner.charger.blocks.security.v21 import SecurityV21
from ocpplab_runner.charger.core.block import FunctionalBlock

SECURITY = FunctionalBlock((SecurityV16, SecurityV21, SecurityV2), COMMANDS)
