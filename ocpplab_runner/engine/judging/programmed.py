"""The answers of the CSMS that a scenario programmes, and which call each of them was for.

The built-in CSMS takes the first rule for a call, as often as it says; what is written down here does the same, so that
an answer that nobody has programmed is none of the scenario's doing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.ocppj.reply_rules import Error, Garbage, ReplyRule, RuleBook, Silence
from ocpplab_runner.plugin.events import Event


class ProgrammedReplies:
    """What was programmed in one attempt of a case, and when."""

    def __init__(self) -> None:
        self._given: list[ReplyRule] = []
        self._added: list[tuple[int, str, ReplyRule]] = []
        self._delayed = False

    def given(self, csms: Mapping[str, Any]) -> None:
        """What ``given.csms`` says, evaluated: rules for every charger, and whether answers are late on purpose."""
        self._given = list(_rules(csms.get("replies") or ()))
        self._delayed = bool(csms.get("answer_delay"))

    def add(self, charger: str, fields: Mapping[str, Any], position: int) -> None:
        """A step has programmed the answers to a charger's calls.

        Args:
            charger: whose calls.
            fields: those of ``csms_reply``, evaluated.
            position: of the ledger; calls from there on.
        """
        self._added += [(position, charger, rule) for rule in _rules([fields])]

    def matched(self) -> Matching:
        """From the first call on, which rule each takes."""
        return Matching(self._given, self._added, delayed=self._delayed)


class Matching:
    """Follows the calls of a ledger, in order, and says which rule is for which.

    Args:
        given: the rules that every charger begins with.
        added: (position, charger, rule), in order.
        delayed: whether every answer is late on purpose.
    """

    def __init__(
        self, given: Iterable[ReplyRule], added: Iterable[tuple[int, str, ReplyRule]], *, delayed: bool
    ) -> None:
        self._books: defaultdict[str, RuleBook] = defaultdict(lambda: RuleBook(given))
        self._added = list(added)
        self._delayed = delayed
        self._taken: dict[tuple[str, str], ReplyRule] = {}

    def called(self, call: Event) -> None:
        """A charger has sent a call that the CSMS handles."""
        while self._added and self._added[0][0] <= call.seq:
            _, charger, rule = self._added.pop(0)
            self._books[charger].add(rule)
        taken = self._books[call.charger].take(call.name, call.fields.get("payload"))
        if taken is not None:
            self._taken[_key(call)] = taken

    def is_error(self, answer: Event) -> bool:
        """Whether this very CALLERROR is what is programmed for its call."""
        rule = self._taken.get(_key(answer))
        said = rule.answer if rule is not None else None
        return isinstance(said, Error) and said.code == answer.fields.get("error_code")

    def may_be_silent(self, call: Event) -> bool:
        """Whether the programme has it that a call gets no answer in time."""
        rule = self._taken.get(_key(call))
        late = self._delayed or (rule is not None and rule.delay > 0)
        return late or (rule is not None and isinstance(rule.answer, Silence | Garbage))


def _rules(replies: Iterable[Any]) -> Iterable[ReplyRule]:
    """The rules; what makes none has been refused by the CSMS itself."""
    for reply in replies:
        try:
            yield ReplyRule.from_fields({name: value for name, value in reply.items() if name != "raw"})
        except (AttributeError, ValueError):
            continue


def _key(event: Event) -> tuple[str, str]:
    return event.charger, str(event.fields.get("message_id"))
