"""A client of the OCPPLAB Gateway API, in generations 2 (documented) and 4 (the vendor's newest).

The API for the rooms above::

    http = GatewayHttp(base_url, token, organization=None)              # on a running loop
    client = GatewayClient(http, DIALECTS["g2"])
    charger = await client.create(NewCharger(identity, model, ws_url, version));  await client.ready(charger, within=…)
    acknowledgement = await client.command("plug_connector", Address(charger.id), {"connector_id": 1}, version)
    result = await client.result(acknowledgement.queued[0], within=…)   # g4
    entries, answer = await client.log(charger)                         # LogBook makes frames of them
    await client.delete(charger);  await client.aclose()

Facts about the API come from its public documentation and clients; nothing of the vendor's code is used.
"""

from collections.abc import Mapping

from ocpplab_runner.gateway.client.client import GatewayClient, PartialFanOutError, ProvisioningError, UnknownModelError
from ocpplab_runner.gateway.client.dialect import Dialect, objection_to
from ocpplab_runner.gateway.client.errors import (
    ForbiddenError,
    GatewayError,
    NoAnswerError,
    NotFoundError,
    UnauthorizedError,
    UnreachableError,
)
from ocpplab_runner.gateway.client.g2 import G2
from ocpplab_runner.gateway.client.g4 import G4
from ocpplab_runner.gateway.client.http import KEEP_ALIVE, GatewayHttp
from ocpplab_runner.gateway.client.log import LogBook, LoggedFrame
from ocpplab_runner.gateway.client.model import (
    Acknowledgement,
    Address,
    Charger,
    CommandResult,
    Fate,
    Model,
    NewCharger,
    NotInTheApiError,
    Queued,
)
from ocpplab_runner.gateway.client.skew import Skew

#: Generation → how to speak it.
DIALECTS: Mapping[str, Dialect] = {"g2": G2(), "g4": G4()}

__all__ = [
    "DIALECTS",
    "KEEP_ALIVE",
    "Acknowledgement",
    "Address",
    "Charger",
    "CommandResult",
    "Dialect",
    "Fate",
    "ForbiddenError",
    "GatewayClient",
    "GatewayError",
    "GatewayHttp",
    "LogBook",
    "LoggedFrame",
    "Model",
    "NewCharger",
    "NoAnswerError",
    "NotFoundError",
    "NotInTheApiError",
    "PartialFanOutError",
    "ProvisioningError",
    "Queued",
    "Skew",
    "UnauthorizedError",
    "UnknownModelError",
    "UnreachableError",
    "objection_to",
]
