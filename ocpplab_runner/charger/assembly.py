"""Which blocks a station of a version has, what they answer, and the commands that they bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from ocpplab_runner.charger.blocks import BLOCKS
from ocpplab_runner.charger.core.block import Block, Command
from ocpplab_runner.charger.core.commands import CORE_COMMANDS
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.services.station import Trigger
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.ocppj.schemas import actions
from ocpplab_runner.vocabulary.versions import OcppVersion

_COMMANDS: dict[str, Command] = dict(CORE_COMMANDS)
for _block in BLOCKS:
    _COMMANDS.update(_block.commands)
#: Every command that a simulated charger can carry out.
COMMANDS = frozenset(_COMMANDS)


def command(name: str) -> Command:
    """The command of that name.

    Raises:
        ValueError: there is no such command.
    """
    found = _COMMANDS.get(name)
    if found is None:
        raise ValueError(f"a charger has no command {name!r}")
    return found


@cache
def classes_for(version: OcppVersion) -> tuple[type[Block], ...]:
    """The classes of the blocks that serve a version."""
    found = (block.serving(version) for block in BLOCKS)
    return tuple(one for one in found if one is not None)


def make_blocks(context: Context) -> tuple[Block, ...]:
    """The blocks of a station."""
    return tuple(one(context) for one in classes_for(context.version))


def triggers_of(blocks: Sequence[Block]) -> Mapping[str, Trigger]:
    """What a TriggerMessage can ask these blocks for."""
    return {
        message: getattr(block, mark.method)
        for block in blocks
        for message, mark in block.marks("triggered", block.context.version).items()
    }


def vendor_messages_of(
    blocks: Sequence[Block],
) -> Mapping[tuple[str, str], Callable[[Mapping[str, Any]], HandlerResult]]:
    """Vendor and message → what answers a DataTransfer of it."""
    return {
        message: getattr(block, mark.method)
        for block in blocks
        for message, mark in block.marks("vendor", block.context.version).items()
    }


def answered(version: OcppVersion) -> frozenset[str]:
    """The actions of the CSMS's calls that are built; another one that OCPP has is answered NotSupported."""
    return _joined(one.marks("answers", version) for one in classes_for(version))


def triggered(version: OcppVersion) -> frozenset[str]:
    """The messages that a TriggerMessage can ask for; another one is answered NotImplemented."""
    return _joined(one.marks("triggered", version) for one in classes_for(version))


def sent(version: OcppVersion) -> frozenset[str]:
    """The actions of the station's own calls; whatever else a station may send is not built."""
    # Not all that can be triggered is called as its message is: SignChargePointCertificate sends SignCertificate.
    return triggered(version) & actions(version) | _joined(one.sends for one in classes_for(version))


def absent(version: OcppVersion) -> frozenset[str]:
    """Keys, or variables as ``Component.Variable``, that every station should have and ours has not."""
    return _joined(one.absent for one in classes_for(version))


def _joined(names: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(name for some in names for name in some)
