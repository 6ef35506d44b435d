"""Chargers and CSMSs that lie: a switch of the tests, never of the product.

A lie changes, leaves out or refuses one kind of message of one end as it goes out; everything else is as it should be.

```yaml
{by: charger, send: StatusNotification, when: {status: Charging}, drop: true}   # not sent, as the charger thinks
{by: charger, send: StopTransaction, patch: {reason: Other}}                    # sent otherwise
{by: charger, answer: Reset, patch: {status: Rejected}}                         # answered otherwise
{by: csms, answer: Authorize, error: InternalError}                             # refused
{by: charger, send: Authorize, also: {StartTransaction: {connectorId: 1, …}}}    # said as well
{by: charger, connect: another_password}                                        # below OCPP
```

To ``connect`` is no message: a charger dials with ``another_password`` or ``no_certificate``, or ``trusts_anybody``; a
CSMS shows a certificate that is ``by_another_ca``.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from unittest import mock

from ocpplab_runner.certificates.mint import Pair
from ocpplab_runner.charger.blocks.security.block import SecurityBlock
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.ocppj.calls import CallQueue
from ocpplab_runner.ocppj.frames import CallError, CallResult
from ocpplab_runner.ocppj.handlers import Handlers
from ocpplab_runner.ocppj.records import Reply
from ocpplab_runner.ocppj.reply_rules import is_subset, merge
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.tls import Shown
from ocpplab_runner.targets.secure import SecureWorld

_ROLES = {"charger": "to_csms", "csms": "to_charger"}
_KINDS = ("send", "answer", "connect")
_KEYS = frozenset({"by", *_KINDS, "when", "drop", "patch", "payload", "error", "skip", "also"})


@dataclass(slots=True)
class Lie:
    """One kind of message that an end gets wrong, or how it connects.

    Attributes:
        by: ``charger`` or ``csms``.
        kind: ``send`` for calls, ``answer``, ``connect``.
        action: of the call, or how it connects.
        when: what the right payload holds.
        drop: whether it is left out.
        patch: merged into the right payload.
        payload: instead of it.
        error: code of a CALLERROR instead of it.
        skip: how many right ones go first.
        also: action → payload of a call that is sent after it.
        told: how often it was told.
    """

    by: str
    kind: str
    action: str
    when: Mapping[str, Any] = field(default_factory=dict)
    drop: bool = False
    patch: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] | None = None
    error: str = ""
    skip: int = 0
    also: Mapping[str, Any] = field(default_factory=dict)
    told: int = 0

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Lie:
        """From its form in the table; raises ValueError."""
        if unknown := sorted(set(fields) - _KEYS):
            raise ValueError(f"a lie has no {', '.join(unknown)}")
        kinds = [kind for kind in _KINDS if kind in fields]
        if len(kinds) != 1 or fields.get("by") not in _ROLES:
            raise ValueError("a lie is by: charger or csms, and about one send, one answer or how it connects")
        rest = {key: value for key, value in fields.items() if key not in _KINDS}
        return cls(kind=kinds[0], action=fields[kinds[0]], **rest)

    def takes(self, direction: str, kind: str, action: str, payload: Any) -> bool:
        """Whether this message is to be a lie; counts."""
        if (direction, kind, action) != (_ROLES[self.by], self.kind, self.action):
            return False
        if self.when and not is_subset(self.when, payload):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.told += 1
        return True

    def instead_of(self, payload: Any) -> Any:
        """What is said instead."""
        return dict(self.payload) if self.payload is not None else merge(payload, self.patch)


@contextmanager
def lying(lies: Sequence[Lie]) -> Iterator[None]:
    """Let the ends of every session lie as long as the context lasts."""
    enqueue, answer = Session.enqueue, Handlers._answer

    def lying_enqueue(session: Session, action: str, payload: Any, **options: Any) -> Any:
        direction = session._wire._outgoing
        lie = next((one for one in lies if one.takes(direction, "send", action, payload)), None)
        if lie is None:
            return enqueue(session, action, payload, **options)
        if not lie.drop:
            sent = enqueue(session, action, lie.instead_of(payload), **{**options, "validate": False})
            for other, said in lie.also.items():
                enqueue(session, other, dict(said), validate=False)
            return sent
        with mock.patch.object(CallQueue, "put", lambda _, sent: sent.future.set_result(CallResult("never-sent", {}))):
            return enqueue(session, action, payload, **options)

    def lying_answer(handlers: Handlers, message_id: str, action: str, result: Any) -> None:
        said = result.payload if isinstance(result, Reply) else result
        direction = handlers._wire._outgoing
        lie = next((one for one in lies if one.takes(direction, "answer", action, said)), None)
        if lie is None:
            answer(handlers, message_id, action, result)
        elif lie.drop:
            handlers._peer.silence(message_id)
        elif lie.error:
            handlers._peer.end(message_id)
            handlers.refuse(CallError(message_id, lie.error, "a lie"), action)
        else:
            then = result.then if isinstance(result, Reply) else None
            answer(handlers, message_id, action, Reply(lie.instead_of(said), validate=False, then=then))

    with (
        mock.patch.object(Session, "enqueue", lying_enqueue),
        mock.patch.object(Handlers, "_answer", lying_answer),
        _connecting(lies),
    ):
        yield


@contextmanager
def _connecting(lies: Sequence[Lie]) -> Iterator[None]:
    """Let the ends lie about who they are, and take anybody for somebody else."""
    dial, dialling, certificate = SecurityBlock.dial, Shown.dialling, SecureWorld._certificate

    def told(by: str, how: str) -> bool:
        return any(one.takes(_ROLES[by], "connect", how, {}) for one in lies)

    def lying_dial(block: SecurityBlock) -> Dial:
        right = dial(block)
        if told("charger", "another_password"):
            return replace(right, password="x" * 16)
        return replace(right, chain=None, key=None) if told("charger", "no_certificate") else right

    def lying_dialling(shown: Shown) -> ssl.SSLContext:
        context = dialling(shown)
        if told("charger", "trusts_anybody"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def lying_certificate(world: SecureWorld, now: datetime, root: str) -> Pair:
        if not told("csms", "by_another_ca"):
            return certificate(world, now, root)
        with mock.patch.object(world, "_tls", world._tls.updated({"certificate": "by_another_ca"})):
            return certificate(world, now, root)

    with (
        mock.patch.object(SecurityBlock, "dial", lying_dial),
        mock.patch.object(Shown, "dialling", lying_dialling),
        mock.patch.object(SecureWorld, "_certificate", lying_certificate),
    ):
        yield
