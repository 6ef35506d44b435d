"""Who calls: bearer tokens, organizations, and the log line of what was refused."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ocpplab_runner.gateway.server.errors import Forbidden, Unauthorized
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.gateway.server.settings import GatewaySettings

#: Refused requests; never a token, a body or a URL of a CSMS.
LOGGER = logging.getLogger("ocpplab_runner.gateway")
# Who serves the Gateway decides where that goes; without this, Python prints it in the middle of a run's output.
LOGGER.addHandler(logging.NullHandler())
#: Seconds until a wrong token is answered, so that nobody tries many.
_DELAY = 0.5
_bearer = HTTPBearer(auto_error=False, description="A token of an organization, or an admin's.")


class Tokens:
    """Finds the organization behind a token, by digests: the tokens themselves are compared nowhere."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._tenants: Mapping[bytes, str] = {
            _digest(token): tenant for tenant, tokens in settings.tenants.items() for token in tokens
        }
        self._admins = frozenset(_digest(token) for token in settings.admin_tokens)

    def tenant(self, token: str) -> str | None:
        """The organization that a user's token is tied to."""
        return self._tenants.get(_digest(token))

    def is_admin(self, token: str) -> bool:
        """Whether it may act for any organization."""
        return _digest(token) in self._admins


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


async def fleet_of(request: Request) -> Fleet:
    """The fleet behind the application."""
    fleet: Fleet = request.state.fleet
    return fleet


async def authenticated(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """The bearer token, which is a known one.

    Raises:
        Unauthorized: there is none, or nobody knows it.
    """
    tokens: Tokens = request.state.tokens
    token = "" if credentials is None else credentials.credentials
    if not tokens.is_admin(token) and tokens.tenant(token) is None:
        if credentials is None:
            # At once: who brings none tries none.
            raise Unauthorized("a bearer token is needed")
        await asyncio.sleep(_DELAY)
        raise Unauthorized("the bearer token is not valid")
    return token


async def organization_of(
    request: Request,
    token: Annotated[str, Depends(authenticated)],
    x_organization_id: Annotated[
        str | None, Header(description="An admin's choice of the organization; not for anybody else.")
    ] = None,
) -> Organization:
    """The organization that the request is about.

    Raises:
        Forbidden: an admin has not named one, or a user has.
    """
    tokens: Tokens = request.state.tokens
    fleet: Fleet = request.state.fleet
    name = tokens.tenant(token)
    if name is not None:
        # Before anything is refused: the line of the log names the organization.
        request.state.tenant = name
        if x_organization_id is not None:
            raise Forbidden("X-Organization-Id is for admin tokens; this token is tied to its organization")
    else:
        if not x_organization_id:
            raise Forbidden("an admin token needs X-Organization-Id")
        name = x_organization_id
        request.state.tenant = name
    organization = fleet.organizations.get(name)
    if organization is None:
        raise Forbidden("there is no such organization")
    return organization


Caller = Annotated[Organization, Depends(organization_of)]
TheFleet = Annotated[Fleet, Depends(fleet_of)]
