"""Who may call: whoever has the token."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ocpplab_runner.tools.csms.api.errors import Refusal
from ocpplab_runner.tools.csms.program import CsmsProgram

#: Seconds until a wrong token is answered, so that nobody tries many.
_DELAY = 0.5
_bearer = HTTPBearer(auto_error=False, description="The token that the command prints, or was given.")


async def program_of(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> CsmsProgram:
    """The CSMS, for a caller with the token.

    Raises:
        Refusal: 401.
    """
    if credentials is None:
        raise Refusal(401, "a bearer token is needed")
    token: str = request.state.token
    if not hmac.compare_digest(credentials.credentials.encode("utf-8", "surrogateescape"), token.encode()):
        await asyncio.sleep(_DELAY)
        raise Refusal(401, "the bearer token is not valid")
    program: CsmsProgram = request.state.program
    return program


Program = Annotated[CsmsProgram, Depends(program_of)]
