"""Which stations may connect, and with which password: what ``--stations`` says, and what has been changed since."""

from __future__ import annotations

from collections.abc import Iterator

from ocpplab_runner.csms.core import passwords
from ocpplab_runner.csms.core.passwords import Passwords
from ocpplab_runner.ocppj.records import Direction
from ocpplab_runner.tools.traffic.exchanges import Exchange


class Admission(Passwords):
    """Knows passwords, and follows them by what is exchanged with the stations."""

    def answered(self, exchange: Exchange) -> None:
        """Take over a password that a station has been given, and has accepted."""
        if _accepted(exchange):
            for password in passwords.new_passwords(exchange.action, exchange.payload, exchange.answer):
                self.taken(exchange.station, password)
            for identity, password in passwords.new_logins(exchange.action, exchange.payload, exchange.answer):
                self.will_take(identity or exchange.station, password)


def new_passwords(exchange: Exchange) -> Iterator[str]:
    """The passwords that an exchange has given the station, as it says itself."""
    if _accepted(exchange):
        yield from passwords.new_passwords(exchange.action, exchange.payload, exchange.answer)
        for _, password in passwords.new_logins(exchange.action, exchange.payload, exchange.answer):
            yield password


def _accepted(exchange: Exchange) -> bool:
    return exchange.direction == Direction.TO_CHARGER and exchange.outcome == "result"
