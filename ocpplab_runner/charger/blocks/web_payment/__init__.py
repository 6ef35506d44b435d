"""Codes at the station that are paid in a browser: C25 of OCPP 2.1."""

from ocpplab_runner.charger.blocks.web_payment.v21 import WebPaymentV21
from ocpplab_runner.charger.core.block import FunctionalBlock

WEB_PAYMENT = FunctionalBlock((WebPaymentV21,))
