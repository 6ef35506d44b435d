"""The energy meter of an EVSE: a power profile, integrated exactly. Pure; time is an argument."""

from __future__ import annotations

from math import ceil

_MICRO = 1_000_000
#: One Wh in the meter's own unit, mW·µs: integers, so that energy adds up exactly however often it is read.
_UNITS_PER_WH = 3600 * 1000 * _MICRO


class EnergyMeter:
    """A monotone energy register, and the power that flows.

    Args:
        start_wh: what the register shows at first.
        now: seconds on the caller's clock.
    """

    def __init__(self, *, start_wh: float = 0, now: float = 0.0) -> None:
        if start_wh < 0:
            raise ValueError("a register is not below 0 Wh")
        self._units = round(start_wh * _UNITS_PER_WH)
        self._since = round(now * _MICRO)
        self._power_mw = 0

    @property
    def power_w(self) -> float:
        """The power that flows now, in W, all phases together."""
        return self._power_mw / 1000

    def set_power(self, power_w: float, now: float) -> None:
        """From now on this power flows, in W (known to the mW).

        Raises:
            ValueError: a negative power; the register only counts import.
        """
        if power_w < 0:
            raise ValueError("power must not be negative")
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

    def seconds_until(self, target_wh: float, now: float) -> float | None:
        """Seconds until the register has reached a value at the present power; None when it never will."""
        self._advance(now)
        missing = round(target_wh * _UNITS_PER_WH) - self._units
        if missing <= 0:
            return 0.0
        if self._power_mw == 0:
            return None
        # One microsecond more than needed: a float clock may round the moment down.
        return (ceil(missing / self._power_mw) + 1) / _MICRO

    def _advance(self, now: float) -> None:
        moment = round(now * _MICRO)
        if moment > self._since:
            self._units += self._power_mw * (moment - self._since)
            self._since = moment
