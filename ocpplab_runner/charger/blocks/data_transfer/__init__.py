"""Vendor-specific messages: P of OCPP 2.x."""

from ocpplab_runner.charger.blocks.data_transfer.block import DataTransfer
from ocpplab_runner.charger.blocks.data_transfer.v21 import DataTransferV21
from ocpplab_runner.charger.core.block import FunctionalBlock

DATA_TRANSFER = FunctionalBlock((DataTransferV21, DataTransfer))
