"""A reading as a record of the Open Charge Metering Format, which the meter signs. Pure."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import Reading

#: Reading contexts → TX of OCMF, their place in a transaction; anything else is within (C), or without one.
_PLACES = {"Transaction.Begin": "B", "Transaction.End": "E"}


def ocmf_record(
    reading: Reading, register_wh: int, page: int, token: str | None, config: ChargerConfig
) -> dict[str, Any]:
    """The record of one reading.

    Args:
        reading: which.
        register_wh: of the meter then.
        page: how many records the meter has signed of transactions, or of none, this one too.
        token: the card of the transaction; None outside, and empty while there is none.
        config: the station, whose serial number its meters share.
    """
    at = reading.at.strftime("%Y-%m-%dT%H:%M:%S,") + f"{reading.at.microsecond // 1000:03d}+0000 S"
    return {
        "FV": "1.0",
        "GI": config.model,
        "GS": config.serial_number,
        # OCMF: T is for the records of transactions, F for those without one.
        "PG": f"{'F' if token is None else 'T'}{page}",
        "MV": config.vendor,
        "MS": config.serial_number,
        **_user(token),
        "RD": [
            {
                "TM": at,
                **({} if token is None else {"TX": _PLACES.get(reading.context, "C")}),
                "RV": register_wh / 1000,
                # The OBIS code of the register of import.
                "RI": "1-b:1.8.0",
                "RU": "kWh",
                "ST": "G",
            }
        ],
    }


def _user(token: str | None) -> dict[str, Any]:
    """Who charges: fields that a record has if and only if there is a transaction."""
    if token is None:
        return {}
    return {"IS": True, "IT": "CENTRAL", "ID": token} if token else {"IS": False, "IT": "NONE"}
