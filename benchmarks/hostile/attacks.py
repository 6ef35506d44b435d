"""Makes the surroundings of each attack and runs it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from benchmarks.hostile.csms import Behaviour, hostile_csms
from benchmarks.hostile.files import hostile_files, write
from benchmarks.hostile.floods import flood_attacks
from benchmarks.hostile.gateway import hostile_gateways
from benchmarks.hostile.plugins import ARGUMENTS, Misdeed, hostile_plugins
from benchmarks.hostile.running import LIMIT, Outcome, attack
from benchmarks.hostile.signals import signal_attacks

KINDS = ("files", "csms", "gateway", "plugins", "signals", "floods")
#: What a run with a plugin may say: the traceback of what has been raised in a case is for who writes the plugin.
_PLUGIN_MARKS = ("internal error", "MemoryError")
_SESSION = """\
name: a session
ocpp: ["1.6"]
steps:
  - start_session: CARD-1
    expect: {auth_status: Accepted, transaction: started}
    within: 3s
"""
_CSMS = """\
targets:
  t:
    kind: csms
    url: SCHEME://127.0.0.1:%d/
    identities: [CP-1]
    cards: {CARD-1: Accepted}
    within: 3s
    call_timeout: 1s
    settle: 50ms
"""
_GATEWAY = """\
targets:
  t:
    kind: gateway
    base_url: http://127.0.0.1:%d
    token: "${{ env.TOKEN }}"
    within: 3s
    provisioning: 3s
"""


def run_all(kind: str, every: int = 1, limit: str = LIMIT, first: int = 0) -> list[Outcome]:
    """Run every attack of a kind, or every so many of them.

    Args:
        kind: of :data:`KINDS`.
        every: 1 for all, 10 for every tenth.
        limit: the time-out of each case.
        first: how many are left out before.
    """
    if kind == "files":
        return [_file_attack(*one, limit) for one in islice(hostile_files(), first, None, every)]
    if kind == "plugins":
        return [_plugin_attack(one, limit) for one in islice(hostile_plugins(), first, None, every)]
    if kind == "floods":
        return asyncio.run(flood_attacks(every, first))
    if kind == "signals":
        return asyncio.run(signal_attacks(every, first))
    peers, config = (hostile_csms(), _CSMS) if kind == "csms" else (hostile_gateways(), _GATEWAY)
    return asyncio.run(_peer_attacks(islice(peers, first, None, every), config, limit))


def _file_attack(name: str, files: dict[str, bytes], arguments: list[str], limit: str) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="hostile-") as directory:
        write(Path(directory), files)
        return attack(name, arguments, Path(directory), limit=limit)


def _plugin_attack(misdeed: Misdeed, limit: str) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="hostile-") as directory:
        write(Path(directory), misdeed.files)
        outcome = attack(
            misdeed.name,
            ARGUMENTS,
            Path(directory),
            limit=limit,
            may_pass=misdeed.may_pass,
            marks=_PLUGIN_MARKS,
            codes=misdeed.codes,
        )
    if misdeed.named and "bad_plugin" not in outcome.output:
        return replace(outcome, problems=(*outcome.problems, "does not name the plugin"))
    return outcome


async def _peer_attacks(behaviours: Iterable[Behaviour], config: str, limit: str) -> list[Outcome]:
    return [await _peer_attack(behaviour, config, limit) for behaviour in behaviours]


async def _peer_attack(behaviour: Behaviour, config: str, limit: str) -> Outcome:
    server = await asyncio.start_server(behaviour.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hostile-") as directory:
        write(
            Path(directory),
            {
                "session.yaml": _SESSION.encode(),
                "ocpplab.yaml": (config % port).replace("SCHEME", behaviour.scheme).encode(),
            },
        )
        arguments = ["session.yaml", "--target", "t"]
        outcome = await asyncio.to_thread(
            attack, behaviour.name, arguments, Path(directory), limit=limit, may_pass=behaviour.may_pass
        )
    server.close()
    await _quiet()
    return outcome


async def _quiet() -> None:
    """End the conversations that are still going on."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
