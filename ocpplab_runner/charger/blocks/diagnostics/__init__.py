"""Diagnostics: N of OCPP 2.x, and of 1.6 the rest of the profile Firmware Management."""

from ocpplab_runner.charger.blocks.diagnostics.v2 import DiagnosticsV2
from ocpplab_runner.charger.blocks.diagnostics.v16 import DiagnosticsV16
from ocpplab_runner.charger.blocks.diagnostics.v21 import DiagnosticsV21
from ocpplab_runner.charger.core.block import FunctionalBlock

DIAGNOSTICS = FunctionalBlock((DiagnosticsV16, DiagnosticsV21, DiagnosticsV2))
