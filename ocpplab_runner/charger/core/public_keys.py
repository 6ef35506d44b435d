"""Which signed readings name their meter's public key: PublicKeyWithSignedMeterValue of OCPP 2.x. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ocpplab_runner.charger.core.model import Reading

#: The variable that says so, and its values (the application note on signed meter values, section 4.3.1).
VARIABLE = "OCPPCommCtrlr.PublicKeyWithSignedMeterValue"
NEVER, ONCE, EVERY = RULES = ("Never", "OncePerTransaction", "EveryMeterValue")


def with_keys(readings: Iterable[Reading], most: int | None) -> list[Reading]:
    """Readings of one message, of which no more than so many name the key.

    Args:
        readings: as the meter has signed them.
        most: None for all of them.
    """
    told: list[Reading] = []
    for reading in readings:
        if reading.signed is None or most is None:
            told.append(reading)
        elif most > 0:
            most -= 1
            told.append(reading)
        else:
            # Empty and not left out: SignedMeterValueType of 2.0.1 requires the field.
            told.append(replace(reading, signed={**reading.signed, "publicKey": ""}))
    return told
