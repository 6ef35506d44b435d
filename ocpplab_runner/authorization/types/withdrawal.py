"""Taking back what was granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.tokens import IdToken
from ocpplab_runner.vocabulary.described import DescribedEnum


class WithdrawAuthorizationResult(DescribedEnum):
    """Answer to a request to withdraw a granted authorization."""

    ACCEPTED = "Accepted", "Something was withdrawn."
    AUTHORIZATION_NOT_FOUND = "AuthorizationNotFound", "Nothing matches the request."
    EVSE_NOT_FOUND = "EvseNotFound", "The station has no such EVSE."
    REJECTED = "Rejected", "It cannot be done for another reason; EVerest's own station never says so."


@dataclass(frozen=True, slots=True)
class WithdrawAuthorizationRequest:
    """Asks a station to take authorizations back: of an EVSE, of a token, of a token on an EVSE, or every one.

    The documentation page shows both properties as required; each of the four combinations has a meaning, and EVerest's
    schema requires neither.
    """

    evse_id: Annotated[int | None, Property("Only what was granted on this EVSE. Absent: on any.")] = None
    id_token: Annotated[IdToken | None, Property("Only what was granted to this token. Absent: to any.")] = None
