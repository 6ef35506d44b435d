"""The peer's calls on one connection: which of them are unanswered, and which message ids were seen.

The other half of :mod:`ocpplab_runner.ocppj.calls`; pure, time is an input.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.ocppj.memory import REMEMBERED_IDS, Memory

#: A second CALL this soon after an unanswered one, in seconds, cannot be explained by a time-out of the sender.
OVERLAP_WINDOW = 5.0


@dataclass(slots=True)
class _Unanswered:
    action: str
    since: float
    silent: bool = False  # the handler has chosen never to answer


class PeerCalls:
    """What the session remembers of the calls that came in."""

    __slots__ = ("_seen", "_unanswered")

    def __init__(self) -> None:
        self._unanswered: dict[str, _Unanswered] = {}
        self._seen = Memory(REMEMBERED_IDS)

    def begin(self, message_id: str, action: str, now: float) -> None:
        """A call is given to its handler."""
        self._unanswered[message_id] = _Unanswered(action, now)

    def silence(self, message_id: str) -> None:
        """A call will not be answered, or not by its handler."""
        if (call := self._unanswered.get(message_id)) is not None:
            call.silent = True

    def end(self, message_id: str) -> None:
        """A call has been answered."""
        self._unanswered.pop(message_id, None)

    def handles(self, message_id: str) -> bool:
        """Whether the handler of a call with this id is at work."""
        call = self._unanswered.get(message_id)
        return call is not None and not call.silent

    def overlap(self, message_id: str, now: float) -> str | None:
        """Which call the peer should have waited for before it sent the one with this id, in English, or None."""
        for other, call in [*self._unanswered.items()]:
            age = now - call.since
            if age >= OVERLAP_WINDOW:
                # A handler may still answer its call; what nobody will answer need not be kept.
                if call.silent:
                    del self._unanswered[other]
            # The same id once more is another violation, duplicate-message-id.
            elif other != message_id:
                return f"sent while {call.action} ({other}), {age:g} s old, was unanswered"
        return None

    def remember(self, message_id: str, action: str) -> bool:
        """Note the id of a CALL or SEND.

        Returns:
            Whether it was new.
        """
        return self._seen.add(message_id, action)

    def action_of(self, message_id: str) -> str | None:
        """The action of a call, unanswered or still remembered."""
        call = self._unanswered.get(message_id)
        if call is not None:
            return call.action
        past = self._seen.get(message_id)
        return past[0] if past is not None else None
