"""What a dateTime is, as JSON schemas: RFC 3339; its receiver takes one without an offset, too."""

from __future__ import annotations

from typing import Any

# What RFC 3339 looks like; jsonschema-rs alone takes a sign for a digit in some places ("+01:0-").
_SHAPE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
#: What it should be.
DATE_TIME: dict[str, Any] = {"format": "date-time", "pattern": _SHAPE}
# The same without an offset: a day that there is, and a time.
_DAY = (
    "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
)
_NO_OFFSET = rf"^{_DAY}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?$"
#: What is taken for one: without an offset it is in UTC.
LENIENT_DATE_TIME: dict[str, Any] = {"anyOf": [DATE_TIME, {"pattern": _NO_OFFSET}]}
