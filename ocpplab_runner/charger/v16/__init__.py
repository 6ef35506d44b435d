"""The OCPP 1.6 dialect: Core, Local Auth List Management, Remote Trigger and Reservation."""

from ocpplab_runner.charger.v16.dialect import DialectV16

__all__ = ["DialectV16"]
