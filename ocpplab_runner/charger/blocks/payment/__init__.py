"""Payments at the station: C18 to C23 of OCPP 2.1."""

from ocpplab_runner.charger.blocks.payment.commands import COMMANDS
from ocpplab_runner.charger.blocks.payment.v21 import PaymentV21
from ocpplab_runner.charger.core.block import FunctionalBlock

PAYMENT = FunctionalBlock((PaymentV21,), COMMANDS)
