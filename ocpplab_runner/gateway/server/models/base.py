"""What the bodies have in common: types that accept exactly what their JSON Schema says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt

T = TypeVar("T")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]", re.ASCII)


class Body(BaseModel):
    """A JSON object; properties that the API does not know are ignored."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


def _whole(value: Any) -> Any:
    """1.0 is an integer to JSON Schema, "1" and true are none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _dated(value: Any) -> Any:
    """A date and time begins with its date; a number of seconds is none."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DATE.match(value)):
        raise ValueError("a date and time is written as in RFC 3339")
    return value


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


#: Lets 1.0 pass for the integer that it is.
INTEGRAL = BeforeValidator(_whole)
# The bounds stand next to the type: behind a validator they would be missing in the OpenAPI document.
Whole = Annotated[StrictInt, Field(ge=-(2**31), le=2**31 - 1), INTEGRAL]
Count = Annotated[StrictInt, Field(ge=0, le=2**31 - 1), INTEGRAL]
Positive = Annotated[StrictInt, Field(ge=1, le=2**31 - 1), INTEGRAL]
Number = StrictFloat
Flag = StrictBool
Text = Annotated[str, Field(min_length=1, max_length=255)]
Moment = Annotated[datetime, BeforeValidator(_dated)]
JsonObject = dict[str, Any]


def utc(moment: datetime | None) -> datetime | None:
    """A moment with its time zone; UTC when it has none."""
    return None if moment is None else _zoned(moment)


class Page(Body, Generic[T]):
    """Part of a list."""

    data: list[T]
    total: int
    page: int
    limit: int


def page_of(items: list[Any], page: int, limit: int) -> dict[str, Any]:
    """The part of a list that a page shows."""
    start = (page - 1) * limit
    return {"data": items[start : start + limit], "total": len(items), "page": page, "limit": limit}
