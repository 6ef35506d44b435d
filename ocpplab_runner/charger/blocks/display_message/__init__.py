"""Messages on the station's display: O of OCPP 2.x."""

from ocpplab_runner.charger.blocks.display_message.v2 import DisplayMessageV2
from ocpplab_runner.charger.core.block import FunctionalBlock

DISPLAY_MESSAGE = FunctionalBlock((DisplayMessageV2,))
