"""The local authorization list."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import Fact, put


class LocalList(Block):
    """``local_list``."""

    versions = V16 | V2

    @shown_by_answer("SendLocalList", by_csms=True)
    def sent(self, request: Any, answer: Any) -> list[Fact]:
        """With the version that was sent."""
        fields = {"is": answer["status"]}
        put(fields, "version", request.get("listVersion", request.get("versionNumber")))
        return [("local_list", fields)]

    @shown_by_answer("GetLocalListVersion", by_csms=True, versions=V16)
    def version_v16(self, _: Any, answer: Any) -> list[Fact]:
        """GetLocalListVersion.conf."""
        return [("local_list", {"version": answer["listVersion"]})]

    @shown_by_answer("GetLocalListVersion", by_csms=True, versions=V2)
    def version_v2(self, _: Any, answer: Any) -> list[Fact]:
        """GetLocalListVersionResponse."""
        return [("local_list", {"version": answer["versionNumber"]})]


LOCAL_LIST = (LocalList,)
