"""Network connection profiles of OCPP 2.x: where the station dials, and with which security profile (B09, B10, A05)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.variables import Component, Variable, of_2x

#: There is room for so many.
SLOTS = ("1", "2", "3")
_FIRST = 1
_PRIORITY, _ATTEMPTS = "network_configuration_priority", "network_profile_connection_attempts"
_COMPONENT = Component("OCPPCommCtrlr")
_INVALID = "InvalidNetworkConf"


class NetworkProfiles:
    """The slots, and which of them is used.

    Slot 1 is the way in which the station was made to dial.

    Args:
        context: of the station.
        lacks: why a security profile cannot be used now, with a password of its own or none, as the end of a sentence;
            None where it can.
        slots: what is in them, which is kept elsewhere.

    Attributes:
        active: the slot that the station dials by.
    """

    #: Reason code of a profile that is less secure than the one that is used.
    downgrade = "NoSecurityProfile"

    def __init__(
        self,
        context: Context,
        lacks: Callable[[str, str], str | None],
        slots: MutableMapping[int, Mapping[str, Any]] | None = None,
    ) -> None:
        self._context, self._lacks = context, lacks
        self._set: MutableMapping[int, Mapping[str, Any]] = {} if slots is None else slots
        self._failed = 0
        self.active = _FIRST

    def variables(self) -> Iterable[Variable]:
        """OCPPCommCtrlr."""
        yield of_2x(_COMPONENT, "ActiveNetworkProfile", "integer", lambda: str(self.active))
        yield Variable(
            name=_PRIORITY,
            type="SequenceList",
            default="1",
            component=_COMPONENT,
            variable="NetworkConfigurationPriority",
            mutability="ReadWrite",
            choices=SLOTS,
            reboot=True,
            barred=self._barred_priority,
        )
        yield Variable(
            name=_ATTEMPTS,
            type="integer",
            default="3",
            component=_COMPONENT,
            variable="NetworkProfileConnectionAttempts",
            mutability="ReadWrite",
            minimum=1,
        )

    @property
    def priority(self) -> Sequence[int]:
        """The slots in the order in which they are tried."""
        return [int(slot) for slot in self._context.variables.items(_PRIORITY)]

    @property
    def data(self) -> Mapping[str, Any] | None:
        """What the station dials by; None for the way in which it was made to."""
        return self._set.get(self.active)

    @property
    def url(self) -> str | None:
        """Where the station dials; None where it was made to."""
        return None if self.data is None else str(self.data["ocppCsmsUrl"])

    def password(self, slot: int) -> str:
        """That a slot brings; empty for none."""
        return ""

    def security_profile(self, slot: int) -> int | None:
        """Of a slot; None of the first, which has the one that the station was made with."""
        data = self._set.get(slot)
        return None if data is None else int(data["securityProfile"])

    def set(self, slot: int, data: Mapping[str, Any], present: int) -> tuple[str, str] | None:
        """Fill a slot (B09).

        Args:
            slot: which.
            data: NetworkConnectionProfileType.
            present: the security profile that is used now.

        Returns:
            Why it is refused, as reason code and in words; None where it is not.
        """
        if str(slot) not in SLOTS:
            return "InvalidConfSlot", f"the slots are {', '.join(SLOTS)}"
        if slot in self.priority:  # B09.FR.05
            return "PriorityNetworkConf", f"slot {slot} is in use: take it out of NetworkConfigurationPriority first"
        if data["securityProfile"] < present:  # B09.FR.04
            return self.downgrade, f"the security profile is {present}, and is not lowered by OCPP"
        wrong = self.problem(data)
        if wrong is not None:
            return _INVALID, wrong
        self._set[slot] = dict(data)
        return None

    def problem(self, data: Mapping[str, Any]) -> str | None:
        """Why what a slot says cannot be used, whatever is used now; None where it can."""
        wanted, secure = data["securityProfile"], data["ocppCsmsUrl"].startswith("wss://")
        if wanted > 3:
            return "the security profile is 0 to 3"
        if data["ocppTransport"] != "JSON":
            return "this station speaks JSON only"
        if not secure and not data["ocppCsmsUrl"].startswith("ws://"):
            return "the URL is ws:// or wss://"
        if secure is not (wanted >= 2):
            return f"security profile {wanted} is {'with' if wanted >= 2 else 'without'} TLS"
        return None

    def _barred_priority(self, text: str) -> tuple[str, str] | None:
        """B10, B09.FR.34, and A05.FR.02 to A05.FR.04 of one whose security profile is higher."""
        for slot in map(int, text.split(",")):
            data = self._set.get(slot)
            if data is None:
                why = None if slot == _FIRST else "is empty"
            elif (problem := self.problem(data)) is not None:
                why = f"cannot be used: {problem}"
            else:
                lacking = self._lacks(str(data["securityProfile"]), self.password(slot))
                why = None if lacking is None else f"has a security profile that {lacking}"
            if why is not None:
                return _INVALID, f"{_COMPONENT.name}.NetworkConfigurationPriority: slot {slot} {why}"
        return None

    def begin(self) -> None:
        """The station boots: the first of the order is tried."""
        self._failed, self.active = 0, (self.priority or [_FIRST])[0]

    def connected(self, present: int) -> None:
        """It has worked: what is less secure is never gone back to (A05.FR.07)."""
        self._failed = 0
        if self.security_profile(self.active) is None:
            return
        kept = [slot for slot in self.priority if slot == self.active or (self.security_profile(slot) or 0) >= present]
        for slot in [slot for slot, data in self._set.items() if data["securityProfile"] < present]:
            del self._set[slot]
        self._context.variables.set(_PRIORITY, ",".join(map(str, kept)))

    def failed(self) -> bool:
        """An attempt has failed; returns whether another slot is tried next (B10.FR.03)."""
        self._failed += 1
        order = self.priority
        # With one slot there is nothing else to try.
        if self._failed < self._context.variables.integer(_ATTEMPTS) or len(order) < 2:
            return False
        self._failed = 0
        # The slot in use may have been taken out of the order: then its first comes next.
        place = order.index(self.active) if self.active in order else -1
        self.active = order[(place + 1) % len(order)]
        return True

    def remember(self) -> Mapping[str, Any]:
        """What is in the slots."""
        return {str(slot): data for slot, data in self._set.items()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Fill them again."""
        self._set.clear()
        self._set.update({int(slot): data for slot, data in memory.items()})
