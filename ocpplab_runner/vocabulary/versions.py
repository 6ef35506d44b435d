"""The OCPP versions that the runner knows."""

from __future__ import annotations

from enum import StrEnum


class OcppVersion(StrEnum):
    """An OCPP version, spelled as in a scenario's ``ocpp:`` list."""

    V16 = "1.6"
    V201 = "2.0.1"
    V21 = "2.1"

    @property
    def subprotocol(self) -> str:
        """The WebSocket subprotocol name (OCPP-J 1.6 section 3.1.2, OCPP 2.0.1 Part 4 section 3.1.2)."""
        return f"ocpp{self.value}"

    @classmethod
    def from_subprotocol(cls, name: str) -> OcppVersion:
        """The version behind a subprotocol name such as ``ocpp1.6``.

        Raises:
            ValueError: the name is none of the three.
        """
        return cls(name.removeprefix("ocpp"))
