"""Monitoring of variables: N02 to N08 of OCPP 2.x."""

from ocpplab_runner.charger.blocks.monitoring.v2 import MonitoringV2
from ocpplab_runner.charger.blocks.monitoring.v21 import MonitoringV21
from ocpplab_runner.charger.core.block import FunctionalBlock

MONITORING = FunctionalBlock((MonitoringV21, MonitoringV2))
