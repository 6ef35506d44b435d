"""The local list in OCPP 1.6: sections 5.10 and 5.15, which have answers of their own for a station without it."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.authorization.local_list import ListEntry, UpdateType
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.local_list.block import FEATURE, LocalList
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.datatypes_v16 import validation_result
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult


class LocalListV16(LocalList):
    """A list of idTags."""

    versions = V16

    def variables(self) -> Iterable[Variable]:
        """Section 9.2."""
        return (
            *super().variables(),
            Variable(
                name="LocalAuthListMaxLength",
                type="integer",
                default=str(self.entries.max_entries),
                key="LocalAuthListMaxLength",
                feature=FEATURE,
                changed=self._limit,
            ),
            Variable(
                name="SendLocalListMaxLength",
                type="integer",
                default=lambda: str(self.entries.max_entries),
                key="SendLocalListMaxLength",
                feature=FEATURE,
            ),
        )

    def _limit(self) -> None:
        self.entries.max_entries = self.context.variables.integer("LocalAuthListMaxLength")

    @property
    def there(self) -> bool:
        """Whether the station has the profile, and uses its list."""
        return FEATURE in self.context.config.features and self.enabled

    # Neither names its feature: where that is not there section 5.10 wants -1 and 5.15 NotSupported, and no CALLERROR.
    @answers("GetLocalListVersion")
    def get_local_list_version(self, _: Payload) -> HandlerResult:
        """GetLocalListVersion.req."""
        return {"listVersion": self.entries.version if self.there else -1}

    @answers("SendLocalList")
    def send_local_list(self, payload: Payload) -> HandlerResult:
        """SendLocalList.req."""
        if not self.there:
            return {"status": "NotSupported"}
        given = payload.get("localAuthorizationList", ())
        if len(given) > self.context.variables.integer("SendLocalListMaxLength"):
            return {"status": "Failed"}
        entries = [
            ListEntry(
                IdToken(entry["idTag"]),
                None if entry.get("idTagInfo") is None else validation_result(entry["idTagInfo"]),
            )
            for entry in given
        ]
        update = UpdateType(payload["updateType"])
        return {"status": self.entries.update(payload["listVersion"], update, entries).value}
