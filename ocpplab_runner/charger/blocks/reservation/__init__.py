"""Reservations: H of OCPP 2.x, the profile Reservation of 1.6."""

from ocpplab_runner.charger.blocks.reservation.v2 import ReservationV2
from ocpplab_runner.charger.blocks.reservation.v16 import ReservationV16
from ocpplab_runner.charger.core.block import FunctionalBlock

RESERVATION = FunctionalBlock((ReservationV16, ReservationV2))
