"""Carrying out the commands of the ``/ocpp/commands`` routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.gateway.server.commands import Command, charger_fields
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import BadRequest
from ocpplab_runner.gateway.server.organization import Organization

#: What a charger that pessimism has left out of a fan-out is said to have.
LEFT_OUT = "the command could not be queued for this charger"


@dataclass(slots=True)
class Targets:
    """Who is to take a command.

    Attributes:
        chargers: those that are there.
        missing: named, and not there.
    """

    chargers: list[Deployment]
    missing: list[str] = field(default_factory=list)


def find_targets(
    organization: Organization, *, charger: Deployment | None, location_id: str | None, only: list[str] | None
) -> Targets:
    """Who is meant by a target.

    Args:
        organization: the caller's.
        charger: the one that is named.
        location_id: else the location.
        only: of the location only these deployment ids.

    Raises:
        NotFound: there is no such location.
    """
    if charger is not None:
        return Targets([charger])
    location = organization.locations.get(location_id or "")
    there = {one.id: one for one in organization.at_location(location.id)}
    if only is None:
        return Targets(list(there.values()))
    wanted = dict.fromkeys(only)
    return Targets([there[one] for one in wanted if one in there], [one for one in wanted if one not in there])


def left_out(targets: Targets, share: float, random: Random) -> list[Deployment]:
    """Take out of a fan-out to several chargers what pessimism lets fail; at least one, and never all."""
    count = len(targets.chargers)
    if share == 0 or count < 2:
        return []
    victims = random.sample(targets.chargers, min(count - 1, max(1, round(share * count))))
    targets.chargers = [one for one in targets.chargers if one not in victims]
    return victims


async def must(deployment: Deployment, command: Command, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let one charger do a command at once; returns its details.

    Raises:
        BadRequest: the charger refuses; the text says why.
    """
    done = await perform(deployment, command, event)
    if done.status == "refused":
        raise BadRequest(done.reason)
    return done.detail


async def perform(deployment: Deployment, command: Command, event: Mapping[str, Any]) -> CommandResult:
    """Let one charger do a command."""
    return await deployment.perform(command.value, charger_fields(command, event))


def queued(deployment: Deployment, command_id: str, event_type: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The command as the API echoes it."""
    return {
        "id": command_id,
        "event_type": event_type,
        "ocpp_version": deployment.record.ocpp_version.subprotocol,
        "payload": dict(event),
    }


def answer(
    results: list[dict[str, Any]], failed: list[dict[str, Any]], missing: list[str], victims: list[Deployment]
) -> dict[str, Any]:
    """The envelope of a fan-out."""
    failed = [
        *failed,
        *({"identity": one.record.identity, "error": LEFT_OUT} for one in victims),
        *({"identity": None, "error": f"the location has no charger {one!r}"} for one in missing),
    ]
    return {
        "targeted_count": len(results) + len(failed),
        "queued_count": len(results),
        "failed_count": len(failed),
        "results": results,
        "failed": failed,
    }
