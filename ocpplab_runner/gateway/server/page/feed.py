"""What a page gets to see of one organization: rows of chargers and their frames, in batches.

However much happens, a page gets one batch per tick of its stream, each charger at most once in it. A meter runs on
between two batches without a word: power is constant from one change to the next, so the page counts on by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from heapq import nlargest
from typing import Any
from urllib.parse import urlsplit

from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import Unavailable
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.log import LogRow
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.web.event_stream import EventStreams

#: Frames per batch at most; of more, the oldest are left out and counted.
FRAMES = 400
#: Frames from before that a page begins with, and how many of them one charger may have.
BACKLOG = 100
BACKLOG_OF_ONE = 20
#: Characters of a frame at most; the charger's log has all of it.
FRAME_LENGTH = 16_000
#: Chargers looked at per batch although nobody has said that they have changed: nobody does of a new name, say.
SWEEP = 32
#: Pages that may watch one organization at the same time.
PAGES = 32


def charger_row(deployment: Deployment) -> dict[str, Any]:
    """A charger as the page shows it; nothing of its credentials, wherever they stand."""
    record, (brand, model) = deployment.record, deployment.make
    stage, outcome, _, hint = deployment.stage()
    row: dict[str, Any] = {
        "id": record.id,
        "identity": record.identity,
        "name": record.name,
        "vendor": brand.name,
        "model": model.name,
        "version": record.version_name,
        "connector_type": record.connector_type,
        "location_id": record.location_id,
        "csms": _dialled(record.ws_url),
        "max_power_w": record.power_w or model.power_w,
        "stage": stage,
        "outcome": outcome,
        "hint": hint,
        "connectors": [],
    }
    snapshot = deployment.snapshot()
    if snapshot is not None:
        row |= {
            "faults": snapshot["faults"],
            "local_list": snapshot["local_list"],
            "cache": snapshot["cache"],
            "queued_messages": snapshot["queued_messages"],
            "connectors": [one for evse in snapshot["evses"] for one in _connectors(evse)],
        }
    return row


def _dialled(url: str) -> str:
    """A URL without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def frame_row(deployment: Deployment, row: LogRow) -> dict[str, Any]:
    """A frame as the page shows it."""
    frame: dict[str, Any] = {
        "charger_id": deployment.id,
        "timestamp": deployment.log.timestamp(row),
        "direction": row.direction,
        "action": row.action,
        "message": row.message[:FRAME_LENGTH],
    }
    if len(row.message) > FRAME_LENGTH:
        frame["cut"] = True
    return frame


def _connectors(evse: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The connectors of an EVSE; what is the EVSE's own stands at the first of them."""
    own = {key: evse[key] for key in ("meter_wh", "power_w", "reservation_id", "transaction")}
    for connector in evse["connectors"]:
        yield {"evse_id": evse["evse_id"], **connector, **own}
        own = {"meter_wh": 0, "power_w": 0.0, "reservation_id": None, "transaction": None}


def _lasting(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without what changes all the time."""
    connectors = [{key: value for key, value in one.items() if key != "meter_wh"} for one in row["connectors"]]
    return {**row, "connectors": connectors}


class Feed:
    """What one page has been told, and what it has to be told next.

    Args:
        organization: whose chargers; those of others never get in.
    """

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._told: dict[str, dict[str, Any]] = {}
        self._dirty: set[str] = set()
        self._sweeping: list[str] = []
        self._frames: deque[dict[str, Any]] = deque(maxlen=FRAMES)
        self._skipped = 0

    def changed(self, deployment: Deployment) -> None:
        """See :class:`~ocpplab_runner.gateway.server.fleet.Watcher`."""
        if deployment.record.tenant == self._organization.name:
            self._dirty.add(deployment.id)

    def logged(self, deployment: Deployment, row: LogRow) -> None:
        """See :class:`~ocpplab_runner.gateway.server.fleet.Watcher`."""
        if deployment.record.tenant != self._organization.name:
            return
        if len(self._frames) == FRAMES:
            self._skipped += 1
        self._frames.append(frame_row(deployment, row))

    def look_back(self) -> None:
        """Put the latest frames of all chargers into the next batch."""
        everybody = self._organization.chargers.values()
        rows = ((row.at, one, row) for one in everybody for row in one.log.latest(BACKLOG_OF_ONE))
        latest = nlargest(BACKLOG, rows, key=lambda found: found[0])
        # nlargest has the newest first; extendleft turns that round.
        self._frames.extendleft(frame_row(deployment, row) for _, deployment, row in latest)

    def batch(self) -> dict[str, Any]:
        """Everything since the last batch; empty when nothing has happened.

        Returns:
            Of ``chargers`` (rows that have changed), ``gone`` (ids), ``frames`` (the oldest first) and ``skipped`` (how
            many frames were too many) those that are not empty.
        """
        chargers = self._organization.chargers
        looked_at = {one for one in self._dirty if one in chargers}
        looked_at |= chargers.keys() - self._told.keys()
        looked_at |= self._next_to_sweep()
        self._dirty.clear()
        rows = []
        # A new page gets them in the order in which they were made; later ones only have to be the same every time.
        for charger_id in chargers if len(looked_at) == len(chargers) else sorted(looked_at):
            row = charger_row(chargers[charger_id])
            lasting = _lasting(row)
            if self._told.get(charger_id) != lasting:
                self._told[charger_id] = lasting
                rows.append(row)
        gone = [one for one in self._told if one not in chargers]
        for one in gone:
            del self._told[one]
        frames = [frame for frame in self._frames if frame["charger_id"] in chargers]
        self._frames.clear()
        skipped, self._skipped = self._skipped, 0
        found = {"chargers": rows, "gone": gone, "frames": frames, "skipped": skipped}
        return {key: value for key, value in found.items() if value}

    def _next_to_sweep(self) -> set[str]:
        """Some that nobody has named: every charger has its turn."""
        if not self._sweeping:
            self._sweeping = list(self._organization.chargers)
        turn, self._sweeping = self._sweeping[:SWEEP], self._sweeping[SWEEP:]
        return {one for one in turn if one in self._organization.chargers}


class Feeds:
    """The feeds of all pages that are open.

    Args:
        fleet: tells what happens.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._open: dict[Feed, str] = {}
        self._streams = EventStreams()

    def require_room(self, organization: Organization) -> None:
        """Raises Unavailable when too many pages watch the organization."""
        if list(self._open.values()).count(organization.name) >= PAGES:
            raise Unavailable(f"{PAGES} pages watch this organization already")

    def close(self) -> None:
        """The Gateway stops: every stream ends."""
        self._streams.close()

    async def stream(self, organization: Organization, greeting: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """A feed as Server-Sent Events, until the page or the Gateway goes away.

        Args:
            organization: whose.
            greeting: what the first event says besides.
        """
        feed = Feed(organization)
        feed.look_back()
        self._open[feed] = organization.name
        self._fleet.watchers.add(feed)
        try:
            async for event in self._streams.events(greeting, feed.batch):
                yield event
        finally:
            self._fleet.watchers.discard(feed)
            self._open.pop(feed, None)
