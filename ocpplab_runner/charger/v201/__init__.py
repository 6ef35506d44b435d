"""The station's OCPP 2.0.1: a first slice, which answers NotSupported for what it does not have."""

from ocpplab_runner.charger.v201.dialect import DialectV201

__all__ = ["DialectV201"]
