"""A station's settings and options in the authorization room's words: what decides about a card, as it stands now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocpplab_runner.authorization.handler import HandlerSettings
from ocpplab_runner.authorization.local_decision import AuthorizationPolicy

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


def policy_of(station: SimulatedCharger) -> AuthorizationPolicy:
    """What decides whether list, cache or the CSMS is asked about a card."""
    settings = station.settings
    return station.dialect.authorization_policy(
        AuthorizationPolicy(
            version=station.version,
            local_pre_authorize=settings.boolean("local_pre_authorize"),
            local_authorize_offline=settings.boolean("local_authorize_offline"),
            allow_offline_tx_for_unknown_id=settings.boolean("allow_offline_tx_for_unknown_id"),
            cache_enabled=settings.boolean("cache_enabled"),
            local_list_enabled=settings.boolean("local_list_enabled")
            and "LocalAuthListManagement" in station.config.features,
        )
    )


def handler_settings(station: SimulatedCharger) -> HandlerSettings:
    """What decides how a presented token is handled."""
    options = station.config.authorization
    return HandlerSettings(
        connection_timeout=station.settings.integer("connection_timeout"),
        selection_algorithm=options.selection_algorithm,
        master_pass_group_id=station.settings.text("master_pass_group"),
        prioritize_authorization_over_stopping_transaction=options.prioritize_authorization_over_stopping_transaction,
        plug_in_timeout_enabled=options.plug_in_timeout,
        ignore_connector_faults=options.ignore_connector_faults,
        stop_transaction_on_reswipe=options.stop_transaction_on_reswipe,
        quirks=options.quirks,
    )
