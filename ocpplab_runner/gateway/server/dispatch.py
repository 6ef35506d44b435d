"""Carrying out a command: at one charger, or at all that a target names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from ocpplab_runner.gateway.server.commands import Command, charger_fields
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import BadRequest
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.organization import Organization

#: What a charger that pessimism has left out of a fan-out is said to have.
LEFT_OUT = "the command could not be queued for this charger"


async def perform(deployment: Deployment, command: Command, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let one charger do a command at once; returns its details.

    Raises:
        BadRequest: the charger refuses; the text says why.
    """
    done = await deployment.perform(command.value, charger_fields(command, event))
    if done.status == "refused":
        raise BadRequest(done.reason)
    return done.detail


async def fan_out(
    fleet: Fleet,
    organization: Organization,
    charger: Deployment | None,
    location_id: str | None,
    only: list[str] | None,
    take: Callable[[Deployment], Awaitable[Mapping[str, Any]]],
) -> dict[str, Any]:
    """Give a command to everybody who is meant, and say what became of that.

    Args:
        fleet: says how many chargers pessimism leaves out.
        organization: the caller's.
        charger: the one that is named.
        location_id: else the location.
        only: of the location only these deployment ids.
        take: gives it to one charger and returns the command as the API echoes it; BadRequest where it is refused.

    Raises:
        NotFound: there is no such location.
    """
    chargers, missing = [] if charger is None else [charger], []
    if charger is None:
        location = organization.locations.get(location_id or "")
        there = {one.id: one for one in organization.at_location(location.id)}
        wanted = there if only is None else dict.fromkeys(only)
        chargers = [there[one] for one in wanted if one in there]
        missing = [one for one in wanted if one not in there]
    victims = _left_out(chargers, fleet.settings.pessimism.partial_fanout, fleet.disorder)
    results: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for deployment in chargers:
        identity = deployment.record.identity
        if deployment in victims:
            continue
        try:
            results.append({"charger_id": deployment.id, "identity": identity, "command": await take(deployment)})
        except BadRequest as refusal:
            failed.append({"identity": identity, "error": str(refusal)})
    failed.extend({"identity": one.record.identity, "error": LEFT_OUT} for one in victims)
    failed.extend({"identity": None, "error": f"the location has no charger {one!r}"} for one in missing)
    return {
        "targeted_count": len(results) + len(failed),
        "queued_count": len(results),
        "failed_count": len(failed),
        "results": results,
        "failed": failed,
    }


def _left_out(chargers: list[Deployment], share: float, random: Random) -> list[Deployment]:
    """Whom pessimism lets fail of several chargers: at least one, and never all."""
    count = len(chargers)
    return random.sample(chargers, min(count - 1, max(1, round(share * count)))) if share and count > 1 else []


def queued(deployment: Deployment, command_id: str, event_type: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The command as the API echoes it."""
    return {
        "id": command_id,
        "event_type": event_type,
        "ocpp_version": deployment.record.ocpp_version.subprotocol,
        "payload": dict(event),
    }
