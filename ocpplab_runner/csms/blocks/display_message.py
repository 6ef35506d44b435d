"""Messages on the station's display: O of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, Block, answers
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call


class DisplayMessage(Block):
    """Takes a report of them."""

    versions = V2
    asks_for: ClassVar = {"GetDisplayMessages": "NotifyDisplayMessages"}

    @answers("NotifyDisplayMessages")
    def reported(self, call: Call) -> Payload:
        """O03, O04."""
        return self.requested(call)


DISPLAY_MESSAGE = (DisplayMessage,)
