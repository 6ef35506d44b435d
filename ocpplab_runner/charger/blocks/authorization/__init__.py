"""Who may charge: C of OCPP 2.x. The rules themselves are the room ``authorization``."""

from ocpplab_runner.charger.blocks.authorization.commands import COMMANDS
from ocpplab_runner.charger.blocks.authorization.v2 import AuthorizationV2
from ocpplab_runner.charger.blocks.authorization.v16 import AuthorizationV16
from ocpplab_runner.charger.core.block import FunctionalBlock

AUTHORIZATION = FunctionalBlock((AuthorizationV16, AuthorizationV2), COMMANDS)
