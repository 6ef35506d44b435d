"""Transactions, and what their messages show besides."""

from ocpplab_runner.engine.interpreter.blocks.transactions.v2 import TransactionsV2
from ocpplab_runner.engine.interpreter.blocks.transactions.v16 import TransactionsV16

TRANSACTIONS = (TransactionsV16, TransactionsV2)
