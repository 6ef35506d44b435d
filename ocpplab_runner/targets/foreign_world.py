"""What a case gives a CSMS that is not ours and has no driver: it can only happen to be so there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms import Card, CsmsConfig, wire_status
from ocpplab_runner.plugin.stage import BlockedError
from ocpplab_runner.targets.csms_options import CsmsTargetOptions
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

#: What of ``given.csms`` can be had of a CSMS that is not ours, if it happens to be so there.
_ARRANGEABLE = frozenset({"id_tokens", "unknown_id_token", "concurrent_tx", "boot"})


def cards_at(options: CsmsTargetOptions, csms: Mapping[str, Any], version: OcppVersion) -> Mapping[str, Card]:
    """The cards of ``given.csms``; everything else there must be as it is at the CSMS anyway.

    Args:
        options: what is known of the CSMS.
        csms: ``given.csms``.
        version: of the case.

    Raises:
        BlockedError: something there cannot be had.
        ValueError: the given data makes no CSMS.
    """
    for key in csms:
        if key not in _ARRANGEABLE:
            raise BlockedError(f"given.csms.{key} cannot be arranged: the CSMS is not ours")
    given = CsmsConfig.from_given(csms)
    if given.boot is not None:
        raise BlockedError("given.csms.boot cannot be arranged: the CSMS is not ours")
    if "unknown_id_token" in csms:
        _refuse_other_unknown(given.unknown_id_token, options.unknown_id_token, version)
    if "concurrent_tx" in csms and options.concurrent_tx not in (None, given.concurrent_tx):
        raise BlockedError(
            f"given.csms.concurrent_tx must be {given.concurrent_tx}, and at the CSMS it is {options.concurrent_tx}"
        )
    return given.id_tokens


def _refuse_other_unknown(wants: AuthorizationStatus, has: AuthorizationStatus | None, version: OcppVersion) -> None:
    """A CSMS of which nothing is said refuses unknown cards, and how it does so is taken on trust."""
    if has is None and wants is AuthorizationStatus.ACCEPTED:
        raise BlockedError(
            "an unknown card must be Accepted at the CSMS, and the target's unknown_id_token says no such thing"
        )
    if has is not None and wire_status(wants, version) is not wire_status(has, version):
        raise BlockedError(f"an unknown card must be {wants} at the CSMS, and it is {has}")
