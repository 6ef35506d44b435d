"""The options of EVerest's Auth module that the rules look at."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.authorization.types import SelectionAlgorithm
from ocpplab_runner.vocabulary.quirks import Quirk


@dataclass(frozen=True, slots=True)
class HandlerSettings:
    """How the handler behaves; replace ``AuthorizationHandler.settings`` to change it at once (rule 19).

    Attributes:
        connection_timeout: seconds that a token waits for a car, and a grant for its transaction.
        selection_algorithm: how an EVSE is chosen.
        master_pass_group_id: group whose cards stop every transaction and start none; empty for no such group.
        prioritize_authorization_over_stopping_transaction: True: a card of the same group starts on a free EVSE and
            stops only when none is free (EVerest's default). False: it stops first (OCPP 1.6 certification case 069).
        plug_in_timeout_enabled: a car that was plugged in waits only ``connection_timeout`` for a card; works with more
            than one EVSE.
        ignore_connector_faults: a faulted EVSE may be used all the same.
        stop_transaction_on_reswipe: False: the card of a running transaction does not stop it.
        quirks: EVerest's oddities that are on.
    """

    connection_timeout: float = 60.0
    selection_algorithm: SelectionAlgorithm = SelectionAlgorithm.PLUG_EVENTS
    master_pass_group_id: str = ""
    prioritize_authorization_over_stopping_transaction: bool = False
    plug_in_timeout_enabled: bool = False
    ignore_connector_faults: bool = False
    stop_transaction_on_reswipe: bool = True
    quirks: frozenset[Quirk] = frozenset()
