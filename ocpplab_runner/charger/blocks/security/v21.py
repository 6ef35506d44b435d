"""Security in OCPP 2.1: a network profile may bring an identity and a password of its own (B09)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.charger.blocks.security.block import wrong_password
from ocpplab_runner.charger.blocks.security.network_configuration import NetworkConfigurations
from ocpplab_runner.charger.blocks.security.v2 import SecurityV2
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.events import Connected
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.vocabulary.versions import OcppVersion

_IDENTITY = "SecurityCtrlr.Identity"


class SecurityV21(SecurityV2):
    """Dials as the network profile says that is used; what it does not say stands in SecurityCtrlr."""

    versions = frozenset({OcppVersion.V21})
    _networks: NetworkConfigurations

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._identity = context.config.identity
        self._following = False

    def networks(self, context: Context) -> NetworkConfigurations:
        """As variables, too."""
        return NetworkConfigurations(context, self.wrong_profile, lambda: self.profile, wrong_password)

    def variables(self) -> Iterable[Variable]:
        """SecurityCtrlr, with what 2.1 lets the CSMS write, and what it adds."""
        yield from super().variables()
        yield of_2x(
            "SecurityCtrlr",
            "Identity",
            "string",
            self.context.config.identity,
            mutability="ReadWrite",
            maximum=48,
            reboot=True,
            changed=self._identity_changed,
        )
        yield constant("SecurityCtrlr", "AllowSecurityProfileDowngrade", "boolean", "false", feature=FEATURE)

    def _use(self) -> None:
        super()._use()
        self._identity = self._networks.said("Identity") or self.context.variables.text(_IDENTITY)
        data = self._networks.data
        if data is not None:
            self.context.connection.call_timeout = data["messageTimeout"]

    def dial(self) -> Dial:
        """By the network profile that is used."""
        dial = super().dial()
        own = self._networks.said("BasicAuthPassword")
        # Where the profile shows no password the slot's own is not shown, either.
        password = own if own and dial.password is not None else dial.password
        identity = None if self._identity == self.context.config.identity else self._identity
        return replace(dial, password=password, identity=identity)

    def connected(self, event: Connected) -> None:
        """SecurityCtrlr says what has been used (B09.FR.28)."""
        super().connected(event)
        # Taken over from the slot these must not make it forget them, as what the CSMS writes does (B09.FR.27).
        self._following = True
        for name, variable in (("Identity", _IDENTITY), ("BasicAuthPassword", "basic_auth_password")):
            if said := self._networks.said(name):
                self.context.variables.set(variable, said)
        self._following = False

    def password_changed(self) -> None:
        """The network profile that is used has none of its own any more (B09.FR.27)."""
        if not self._following:
            self._networks.forget("BasicAuthPassword")
            super().password_changed()

    def _identity_changed(self) -> None:
        if not self._following:
            self._networks.forget("Identity")

    def remember(self) -> Mapping[str, Any]:
        """Also as whom it dials."""
        return {**super().remember(), "dials_as": self._identity}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put that back."""
        super().recall(memory)
        self._identity = memory.get("dials_as", self._identity)
