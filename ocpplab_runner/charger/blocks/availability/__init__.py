"""In service, out of it and broken, and what is reported of it: G of OCPP 2.x."""

from ocpplab_runner.charger.blocks.availability.commands import COMMANDS
from ocpplab_runner.charger.blocks.availability.v2 import AvailabilityV2
from ocpplab_runner.charger.blocks.availability.v16 import AvailabilityV16
from ocpplab_runner.charger.core.block import FunctionalBlock

AVAILABILITY = FunctionalBlock((AvailabilityV16, AvailabilityV2), COMMANDS)
