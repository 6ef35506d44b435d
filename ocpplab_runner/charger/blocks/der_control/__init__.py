"""What the grid asks of whoever feeds into it: R of OCPP 2.1, distributed energy resources (DER)."""

from ocpplab_runner.charger.blocks.der_control.commands import COMMANDS
from ocpplab_runner.charger.blocks.der_control.v21 import DerControlV21
from ocpplab_runner.charger.core.block import FunctionalBlock

DER_CONTROL = FunctionalBlock((DerControlV21,), COMMANDS)
