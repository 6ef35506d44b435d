"""The meters of a station as what signs: one for each EVSE, with a key of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ocpplab_runner import clock
from ocpplab_runner.certificates.ocmf import meter_key, public_key_text, signed_value
from ocpplab_runner.charger.blocks.metering.signing import ocmf_record
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Reading


class Signer:
    """Signs readings, and counts the pages of each meter: those of transactions, and those of readings without one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pages: Counter[tuple[int, bool]] = Counter()

    def public_key(self, evse_id: int) -> str:
        """That of an EVSE's meter."""
        return public_key_text(meter_key(self._key_name(evse_id)))

    def sign(self, evse: Evse, reading: Reading, token: str | None) -> Reading:
        """A reading of this moment with its meter's signature.

        Args:
            evse: whose meter it is.
            reading: which.
            token: the card of the transaction that it is of; None for none, empty for one without a card.
        """
        counted = evse.evse_id, token is not None
        self._pages[counted] += 1
        register_wh = evse.meter.register_wh(clock.now())
        record = ocmf_record(reading, register_wh, self._pages[counted], token, self._context.config)
        return replace(reading, signed=signed_value(record, meter_key(self._key_name(evse.evse_id))))

    def _key_name(self, evse_id: int) -> str:
        # The key is made of names: the same station has the same one in each run, and nothing has to keep it.
        return f"{self._context.config.identity}/{self._context.config.serial_number}/{evse_id}"
