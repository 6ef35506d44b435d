"""Limits of transactions: E16 of OCPP 2.1."""

from ocpplab_runner.charger.blocks.transaction_limits.commands import COMMANDS
from ocpplab_runner.charger.blocks.transaction_limits.v21 import TransactionLimitsV21
from ocpplab_runner.charger.core.block import FunctionalBlock

TRANSACTION_LIMITS = FunctionalBlock((TransactionLimitsV21,), COMMANDS)
