"""A tenant's locations: what they are called and how they are found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from uuid import UUID

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.errors import BadRequest, Conflict, NotFound
from ocpplab_runner.gateway.server.records import LocationRecord
from ocpplab_runner.gateway.server.store import Storage

_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_ID_BYTES = 16


class Keeper(Protocol):
    """Where records are kept, and where new names come from."""

    store: Storage

    def hex(self, size: int) -> str:
        """So many random bytes as hexadecimal digits."""
        ...


class Locations:
    """The locations of one tenant.

    Args:
        tenant: its name.
        keeper: keeps them.
    """

    def __init__(self, tenant: str, keeper: Keeper) -> None:
        self._tenant, self._keeper = tenant, keeper
        self._records: dict[str, LocationRecord] = {}
        self._deleted: set[str] = set()

    def __iter__(self) -> Iterator[LocationRecord]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def get(self, location_id: str) -> LocationRecord:
        """The location of that id; raises NotFound."""
        found = self._records.get(location_id)
        if found is None:
            raise NotFound(f"there is no location {location_id!r}")
        return found

    def find(self, name: str) -> LocationRecord:
        """The location of that id, slug or name.

        Raises:
            NotFound: there is none.
            Conflict: several have that name.
        """
        if name in self._records:
            return self._records[name]
        found = [one for one in self if name in (one.slug, one.name)]
        if len(found) > 1:
            raise Conflict(f"{len(found)} locations are called {name!r}: say which by its id")
        if not found:
            raise NotFound(f"there is no location {name!r}")
        return found[0]

    def named(self, location_id: str | None, name: str | None) -> str | None:
        """The id of the location that a charger shall be at: the id decides, a name alone must be one that is known.

        Raises:
            BadRequest: there is no such location, or several have that name.
        """
        try:
            if location_id is not None:
                return self.get(location_id).id
            return None if name is None else self.find(name).id
        except (NotFound, Conflict) as error:
            raise BadRequest(str(error)) from error

    def adopt(self, record: LocationRecord) -> None:
        """Take a record of the file in."""
        self._records[record.id] = record

    def create(self, given: Mapping[str, Any]) -> LocationRecord:
        """Create a location from the fields of the API."""
        now = clock.timestamp()
        # As the API makes it: from the name, with random digits behind.
        slug = _NOT_IN_SLUG.sub("-", given["name"].lower()).strip("-")[:60] or "location"
        record = LocationRecord(
            id=str(UUID(hex=self._keeper.hex(_ID_BYTES), version=4)),
            tenant=self._tenant,
            slug=f"{slug}-{self._keeper.hex(3)}",
            name=given["name"],
            address=given["address"],
            city=given["city"],
            country=given["country"],
            coordinates=dict(given["coordinates"]),
            timezone=given.get("timezone"),
            owner_name=given.get("owner_name"),
            public=bool(given.get("public")),
            status="active",
            created_at=now,
            updated_at=now,
        )
        self.adopt(record)
        self._keep(record)
        return record

    def update(self, record: LocationRecord, changes: Mapping[str, Any]) -> None:
        """Change a location; what is None stays as it is.

        Raises:
            BadRequest: another location has that slug.
        """
        slug = changes.get("slug")
        if slug is not None and any(one.slug == slug and one is not record for one in self):
            raise BadRequest(f"the slug {slug!r} is in use already")
        for key, value in changes.items():
            if value is not None:
                setattr(record, key, value)
        record.updated_at = clock.timestamp()
        self._keep(record)

    def delete(self, location_id: str) -> bool:
        """Remove a location; False when that has been done before.

        Raises:
            NotFound: there never was one.
        """
        if location_id in self._deleted and location_id not in self._records:
            return False
        self.get(location_id)
        del self._records[location_id]
        self._deleted.add(location_id)
        self._keeper.store.delete("location", location_id)
        return True

    def _keep(self, record: LocationRecord) -> None:
        self._keeper.store.put("location", record.id, record.to_json())
