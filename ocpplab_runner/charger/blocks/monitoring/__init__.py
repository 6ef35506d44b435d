"""Monitoring of variables: N02 to N08 of OCPP 2.x."""

from ocpplab_runner.charger.blocks.monitoring.v2 import Monitoring
from ocpplab_runner.charger.core.block import FunctionalBlock

MONITORING = FunctionalBlock((Monitoring,))
