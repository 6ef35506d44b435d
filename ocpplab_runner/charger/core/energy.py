"""The energy meter of an EVSE: a power profile, integrated exactly. Pure; time is an argument."""

from __future__ import annotations

from math import ceil

_MICRO = 1_000_000
#: One Wh in the meter's own unit, mW·µs: integers, so that energy adds up exactly however often it is read.
_UNITS_PER_WH = 3600 * 1000 * _MICRO


class EnergyMeter:
    """Two monotone energy registers, one for each way, and the power that flows.

    Args:
        start_wh: what the register of import shows at first.
        exported_wh: what the register of export shows at first.
        now: seconds on the caller's clock.
    """

    def __init__(self, *, start_wh: float = 0, exported_wh: float = 0, now: float = 0.0) -> None:
        if start_wh < 0 or exported_wh < 0:
            raise ValueError("a register is not below 0 Wh")
        self._units = round(start_wh * _UNITS_PER_WH)
        self._exported = round(exported_wh * _UNITS_PER_WH)
        self._since = round(now * _MICRO)
        self._power_mw = 0

    @property
    def power_w(self) -> float:
        """The power that flows now, in W, all phases together; below 0 the EV gives it back."""
        return self._power_mw / 1000

    def set_power(self, power_w: float, now: float) -> None:
        """From now on this power flows, in W (known to the mW); below 0 the EV gives it back."""
        self._advance(now)
        self._power_mw = round(power_w * 1000)

    def energy_wh(self, now: float) -> float:
        """The register with its fraction, in Wh (OCPP Energy.Active.Import.Register)."""
        self._advance(now)
        return self._units / _UNITS_PER_WH

    def register_wh(self, now: float) -> int:
        """The register as it is shown: whole Wh, never rounded up."""
        self._advance(now)
        return self._units // _UNITS_PER_WH

    def exported_wh(self, now: float) -> float:
        """The register of what was given back with its fraction, in Wh (OCPP Energy.Active.Export.Register)."""
        self._advance(now)
        return self._exported / _UNITS_PER_WH

    def export_register_wh(self, now: float) -> int:
        """That register as it is shown: whole Wh, never rounded up."""
        self._advance(now)
        return self._exported // _UNITS_PER_WH

    def seconds_until(self, target_wh: float, now: float) -> float | None:
        """Seconds until the register has reached a value at the present power; None when it never will."""
        self._advance(now)
        return _seconds(round(target_wh * _UNITS_PER_WH) - self._units, self._power_mw)

    def seconds_until_exported(self, target_wh: float, now: float) -> float | None:
        """The same of the register of what was given back."""
        self._advance(now)
        return _seconds(round(target_wh * _UNITS_PER_WH) - self._exported, -self._power_mw)

    def _advance(self, now: float) -> None:
        moment = round(now * _MICRO)
        # Asked about the past the registers stand still: they never fall.
        if moment > self._since:
            flown = self._power_mw * (moment - self._since)
            self._units += max(flown, 0)
            self._exported += max(-flown, 0)
            self._since = moment


def _seconds(missing: int, power_mw: int) -> float | None:
    if missing <= 0:
        return 0.0
    if power_mw <= 0:
        return None
    # One microsecond more than needed: a float clock may round the moment down.
    return (ceil(missing / power_mw) + 1) / _MICRO
