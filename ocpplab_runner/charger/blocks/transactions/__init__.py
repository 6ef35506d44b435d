"""Transactions: E of OCPP 2.x, and what a driver and a car do that begins and ends them."""

from ocpplab_runner.charger.blocks.transactions.commands import COMMANDS
from ocpplab_runner.charger.blocks.transactions.v2 import TransactionsV2
from ocpplab_runner.charger.blocks.transactions.v16 import TransactionsV16
from ocpplab_runner.charger.blocks.transactions.v21 import TransactionsV21
from ocpplab_runner.charger.core.block import FunctionalBlock

TRANSACTIONS = FunctionalBlock((TransactionsV16, TransactionsV21, TransactionsV2), COMMANDS)
