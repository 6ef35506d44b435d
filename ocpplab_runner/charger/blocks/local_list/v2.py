"""The local list in OCPP 2.x: use cases D01 and D02."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.authorization.local_list import ListEntry, UpdateType
from ocpplab_runner.charger.blocks.local_list.block import FEATURE, LocalList
from ocpplab_runner.charger.core.block import V2, Payload, answers
from ocpplab_runner.charger.core.datatypes_v2 import reason, token_of, verdict_of
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerResult

_CTRLR = "LocalAuthListCtrlr"


class LocalListV2(LocalList):
    """A list of tokens with their types."""

    versions = V2

    def variables(self) -> Iterable[Variable]:
        """LocalAuthListCtrlr."""
        config = self.context.config
        there = FEATURE in config.features
        return (
            *super().variables(),
            of_2x(_CTRLR, "Available", "boolean", lambda: str(there).lower()),
            of_2x(
                _CTRLR,
                "Entries",
                "integer",
                lambda: str(len(self.entries)),
                maximum=config.local_list_max,
                feature=FEATURE,
            ),
            of_2x(_CTRLR, "ItemsPerMessage", "integer", lambda: str(config.local_list_max), feature=FEATURE),
            constant(_CTRLR, "BytesPerMessage", "integer", "65536", feature=FEATURE),
            of_2x(_CTRLR, "DisablePostAuthorize", "boolean", "false", mutability="ReadWrite", feature=FEATURE),
        )

    @answers("GetLocalListVersion", feature=FEATURE, while_pending=True)
    def get_local_list_version(self, _: Payload) -> HandlerResult:
        """D02."""
        if not self.enabled:  # D02.FR.03
            return {"versionNumber": 0}
        return {"versionNumber": self.entries.version}

    @answers("SendLocalList", feature=FEATURE, while_pending=True)
    def send_local_list(self, payload: Payload) -> HandlerResult:
        """D01."""
        if not self.enabled:
            return {"status": "Failed", "statusInfo": reason("NotEnabled")}
        given = payload.get("localAuthorizationList", ())
        most = self.context.config.local_list_max
        if len(given) > most:
            return {"status": "Failed", "statusInfo": reason("TooManyElements", f"at most {most} in one message")}
        entries = [
            ListEntry(token_of(item["idToken"]), verdict_of(item["idTokenInfo"]) if "idTokenInfo" in item else None)
            for item in given
        ]
        version, kind = payload["versionNumber"], UpdateType(payload["updateType"])
        return {"status": self.entries.update(version, kind, entries).value}
