"""Is there an EVerest on a broker, and what can be done with it? From the name to what will block, and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

from ocpplab_runner.everest.broker import Broker, BrokerError, Bus
from ocpplab_runner.everest.installation import ApiModule, discover, evse_ids
from ocpplab_runner.everest.topics import API_VERSION, Module, Topics
from ocpplab_runner.tools.probing.finding import Finding, Verdict
from ocpplab_runner.tools.probing.layers import Server, layers

#: Seconds to hear what EVerests say by themselves: their API modules tell every second that they are there.
LISTENING = 2.5
#: Type of API module → what a case must not ask for where it is missing.
_WITHOUT: Mapping[Module, str] = {
    Module.TOKEN_PROVIDER: "no card can be presented, unless `dummy_token_provider` names a DummyTokenProviderManual",
    Module.AUTH: "no token_status, authorized_evse and withdrawal, no withdraw_authorization",
    Module.EVSE_MANAGER: "no session, no stop_transaction",
    Module.OCPP: "with a CSMS that is not ours no OCPP is seen",
    Module.TOKEN_VALIDATOR: "no scripted validators, no validation_result",
}
#: What no topic tells: the options of the target say it.
_UNASKED = "`cars`, `websocket` and `board_errors` cannot be asked for: the target's options say what is there"


async def probe_everest(broker: Broker, prefix: str | None, limit: float) -> AsyncGenerator[Finding, None]:
    """Look at a broker and the EVerests there, as far as there is a way.

    Args:
        broker: where it is.
        prefix: of the one EVerest to look at; None for all that are heard, and the one without a prefix.
        limit: seconds that each look may take.

    Raises:
        ValueError: a file of certificates cannot be used.
    """
    reachable = True
    async for found in layers(Server(broker.host, broker.port, limit, "the broker", "mqtt://", broker.trust)):
        reachable = reachable and found.verdict is not Verdict.UNREACHABLE
        yield found
    if not reachable:
        return
    hearing = Bus(broker)
    try:
        await hearing.open(limit)
    except BrokerError:
        yield Finding("login", Verdict.UNREACHABLE, hearing.problem)
        return
    try:
        who = "without a user" if broker.user is None else f"as {broker.user}"
        yield Finding("login", Verdict.OK, f"let in {who}", {"user": broker.user})
        heard = await _overheard(hearing)
    finally:
        await hearing.close()
    found_there = {one for one in map(Topics.prefix_of, heard) if one is not None}
    prefixes = [prefix] if prefix is not None else sorted(found_there) or [""]
    # Another one: whoever overhears does nothing else by its connection.
    asking = Bus(broker)
    try:
        await asking.open(limit)
        for one in prefixes:
            async for found in _installation(asking, Topics(one), heard, limit):
                yield found
    except BrokerError as error:
        yield Finding("login", Verdict.UNREACHABLE, f"the connection was lost: {error}")
    finally:
        await asking.close()


async def _overheard(bus: Bus) -> Sequence[str]:
    """The topics on which somebody has said something."""
    topics: dict[str, None] = {}
    await bus.overhear("#", lambda topic, _, __: topics.setdefault(topic))
    await asyncio.sleep(LISTENING)
    return list(topics)


async def _installation(bus: Bus, topics: Topics, heard: Sequence[str], limit: float) -> AsyncGenerator[Finding, None]:
    details = {"prefix": topics.prefix}
    spoken = sum(Topics.prefix_of(topic) == topics.prefix for topic in heard)
    modules = await discover(bus, topics, listening=min(limit, LISTENING))
    named = f"mqtt_external_prefix {topics.prefix}" if topics.prefix else "no mqtt_external_prefix"
    if not modules and not spoken:
        text = f"{named}: nobody speaks, and no API module answers: EVerest is not there, or has another prefix"
        yield Finding("everest", Verdict.FAILED, text, details)
        return
    text = f"{named}: {spoken} of its topics heard in {LISTENING:g} s"
    yield Finding("everest", Verdict.OK, text, {**details, "topics": spoken})
    for kind in Module:
        for module in modules.get(kind, ()):
            yield _module(kind, module, details)
    managers = [one.module_id for one in modules.get(Module.EVSE_MANAGER, ())]
    evses = await evse_ids(bus, topics, managers, limit=limit)
    for evse_id, manager in evses.items():
        yield Finding("evse", Verdict.OK, f"EVSE {evse_id} is shown by {manager}", {**details, "evse_id": evse_id})
    for manager in sorted(set(managers) - set(evses.values())):
        text = f"{manager} does not say which EVSE it shows (get_evse): what it says is not heard"
        yield Finding("evse", Verdict.WARNING, text, details)
    for finding in _lacking(modules, details):
        yield finding
    numbers = sorted({number for topic in heard if (number := topics.car_of(topic)) is not None})
    told = f"; the simulation speaks of {', '.join(map(str, numbers))}" if numbers else ""
    yield Finding("options", Verdict.SKIPPED, _UNASKED + told, {**details, "simulated": numbers})


def _module(kind: Module, module: ApiModule, details: Mapping[str, str]) -> Finding:
    told = {**details, "type": kind.value, "module_id": module.module_id, "version": module.version}
    version = "an API of which it does not say the version" if module.version is None else f"API {module.version}"
    text = f"{kind}: {module.module_id}, {version}"
    if module.version not in (None, API_VERSION):
        return Finding("module", Verdict.FAILED, f"{text}; the target speaks API {API_VERSION} only", told)
    if module.monitored:
        text += "; it raises CommunicationFault unless `cfg_communication_check_to_s` is 0"
        return Finding("module", Verdict.WARNING, text, told)
    return Finding("module", Verdict.OK, text, told)


def _lacking(modules: Mapping[Module, object], details: Mapping[str, str]) -> Iterator[Finding]:
    for kind, without in _WITHOUT.items():
        if kind not in modules:
            text = f"no module of the type {kind}_API: {without}"
            yield Finding("lacking", Verdict.WARNING, text, {**details, "type": kind.value})
