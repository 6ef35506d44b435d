"""Certificates that the station trusts: M of OCPP 2.x, M03 to M05 of the security whitepaper of 1.6."""

from ocpplab_runner.charger.blocks.certificates.commands import COMMANDS
from ocpplab_runner.charger.blocks.certificates.v2 import CertificatesV2
from ocpplab_runner.charger.blocks.certificates.v16 import CertificatesV16
from ocpplab_runner.charger.core.block import FunctionalBlock

CERTIFICATES = FunctionalBlock((CertificatesV16, CertificatesV2), COMMANDS)
