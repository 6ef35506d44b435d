"""Transactions: OCPP 1.6 sections 4.8 and 4.10, E of OCPP 2.x."""

from ocpplab_runner.csms.blocks.transactions.v2 import TransactionsV2
from ocpplab_runner.csms.blocks.transactions.v16 import TransactionsV16

TRANSACTIONS = (TransactionsV16, TransactionsV2)
