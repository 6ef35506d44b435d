"""The local authorization list: D of OCPP 2.x, the profile Local Auth List Management of 1.6."""

from ocpplab_runner.charger.blocks.local_list.commands import COMMANDS
from ocpplab_runner.charger.blocks.local_list.v2 import LocalListV2
from ocpplab_runner.charger.blocks.local_list.v16 import LocalListV16
from ocpplab_runner.charger.core.block import FunctionalBlock

LOCAL_LIST = FunctionalBlock((LocalListV16, LocalListV2), COMMANDS)
