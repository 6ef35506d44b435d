"""What EVerest's car simulator (EvManager) is told: one text of commands with semicolons between. Pure.

It gives no word of what it does; what follows shows at the EVSE. ``iec_wait_pwr_ready`` plugs in and waits for the
duty cycle that an authorization brings, so that a car may be plugged in before anybody has a card.
"""

from __future__ import annotations

#: Seconds that a car stays; a scenario unplugs it.
_STAYS = 36_000


def plug_in(*, amps: int = 16, phases: int = 3, draws: bool = True) -> str:
    """A car comes, and draws when it may.

    Args:
        amps: that it draws.
        phases: 1 or 3.
        draws: whether it does at all.
    """
    draw = f"draw_power_regulated {amps},{phases};" if draws else ""
    return f"iec_wait_pwr_ready;{draw}sleep {_STAYS}"


def draw(*, amps: int = 16, phases: int = 3) -> str:
    """The car that is there draws."""
    return f"draw_power_regulated {amps},{phases};sleep {_STAYS}"


def pause() -> str:
    """The car that is there draws no more, and stays."""
    return f"pause;sleep {_STAYS}"


def unplug() -> str:
    """The car leaves."""
    return "unplug"
