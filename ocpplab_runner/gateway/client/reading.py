"""Taking answers apart without trusting them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ocpplab_runner.gateway.client.model import Acknowledgement, LogEntry, Model, Queued, ShapeError
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.texts import shortened

_DEFAULT_CONNECTOR_TYPE = "Type2"


def mapping(body: Any, what: str) -> Mapping[str, Any]:
    """The answer as an object.

    Raises:
        ShapeError: it is none.
    """
    if isinstance(body, Mapping):
        return body
    raise ShapeError(f"{what} should be an object, not {_shown(body)}")


def text(body: Mapping[str, Any], *names: str) -> str:
    """The first of these members that is there.

    Raises:
        ShapeError: none is.
    """
    for name in names:
        if body.get(name) not in (None, ""):
            return str(body[name])
    raise ShapeError(f"the answer has no {' or '.join(names)}")


def items(body: Any) -> list[Mapping[str, Any]]:
    """The objects of a page (``{data: […]}``) or of a bare list.

    Raises:
        ShapeError: it is neither.
    """
    data = body.get("data", body.get("items")) if isinstance(body, Mapping) else body
    if not isinstance(data, list):
        raise ShapeError(f"a list was expected, not {_shown(body)}")
    return [item for item in data if isinstance(item, Mapping)]


def fan_out(body: Mapping[str, Any]) -> Acknowledgement:
    """The envelope of a command: what was queued for whom, and who was not reached."""
    queued = tuple(_queued(item) for item in body.get("results") or () if isinstance(item, Mapping))
    failed = tuple(_failures(body))
    # HTTP 202 says nothing of single chargers: who stands nowhere was not reached.
    lacking = _count(body.get("targeted_count")) - len(queued) - len(failed)
    if lacking > 0:
        failed += ((None, f"{lacking} of the targeted chargers stand neither under results nor under failed"),)
    if not queued and not failed:
        failed = ((None, "the command was queued for no charger"),)
    return Acknowledgement(queued, failed)


def is_fan_out(body: Any) -> bool:
    """Whether an answer is that envelope."""
    return isinstance(body, Mapping) and ("results" in body or "queued_count" in body)


def models(brand: str, body: Any) -> list[Model]:
    """The models of a brand in the catalogue."""
    found = []
    for item in items(body):
        types = item.get("connector_types") or ()
        count = item.get("connector_count")
        found.append(
            Model(
                str(item.get("brand_slug") or brand),
                text(item, "slug", "model", "name"),
                count if isinstance(count, int) else None,
                str(next(iter(types), _DEFAULT_CONNECTOR_TYPE)),
            )
        )
    return found


def log_entries(body: Any) -> list[LogEntry]:
    """The entries of a page of a log."""
    return [
        LogEntry(
            str(item.get("direction", "")),
            str(item.get("action", "")),
            item.get("message"),
            None if item.get("timestamp") is None else str(item["timestamp"]),
        )
        for item in items(body)
    ]


def moment(value: Any) -> float | None:
    """A date and time as seconds since 1970, in UTC unless it says otherwise; None for anything else."""
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()


def _queued(item: Mapping[str, Any]) -> Queued:
    command = item.get("command")
    inner = command if isinstance(command, Mapping) else item
    charger = item.get("charger_id", item.get("deployment_id"))
    identity = item.get("identity")
    return Queued(
        str(inner.get("id", inner.get("command_id", ""))),
        None if charger is None else str(charger),
        None if identity is None else str(identity),
    )


def _failures(body: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    told = [item for item in body.get("failed") or () if isinstance(item, Mapping)]
    for item in told:
        identity = item.get("identity", item.get("charger_id"))
        yield None if identity is None else str(identity), str(item.get("error") or "no reason given")
    for _ in range(_count(body.get("failed_count")) - len(told)):
        yield None, "no reason given"


def _count(value: Any) -> int:
    return value if is_integer(value) else 0


def _shown(value: Any) -> str:
    return shortened(repr(value), 60)
