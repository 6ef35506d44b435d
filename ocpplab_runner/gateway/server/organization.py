"""One tenant's world: its chargers, bulk jobs and locations. Nothing of another tenant can be reached from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.catalogue import CONNECTOR_TYPES, find_brand
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import BadRequest, NotFound
from ocpplab_runner.gateway.server.locations import Keeper, Locations
from ocpplab_runner.gateway.server.records import ChargerRecord, JobRecord, Provisioning, version_named

_JOB_STATES = {Provisioning.READY.value, Provisioning.FAILED.value}


@dataclass(frozen=True, slots=True)
class NewCharger:
    """What somebody wants a charger to be."""

    identity: str
    brand_slug: str
    model_slug: str
    connector_type: str
    ws_url: str
    ocpp_version: str = "OCPP1.6"
    name: str | None = None
    location_id: str | None = None
    location_name: str | None = None
    basic_auth: tuple[str, str] | None = None
    power_w: float | None = None


class Host(Keeper, Protocol):
    """What an organization needs of the fleet that it belongs to."""

    def deploy(self, record: ChargerRecord) -> Deployment:
        """Give a record its deployment."""
        ...

    def require_room(self, count: int) -> None:
        """Raises Unavailable when so many more chargers do not fit."""
        ...


class Organization:
    """One tenant.

    Args:
        name: the tenant's.
        host: the fleet.
    """

    def __init__(self, name: str, host: Host) -> None:
        self.name = name
        self.chargers: dict[str, Deployment] = {}
        self.locations = Locations(name, host)
        self.jobs: dict[str, JobRecord] = {}
        self._identities: dict[str, Deployment] = {}
        self._host = host

    # -- chargers -------------------------------------------------------------------------------------------------

    def charger(self, charger_id: str) -> Deployment:
        """The charger of that deployment id; raises NotFound."""
        found = self.chargers.get(charger_id)
        if found is None:
            raise NotFound(f"there is no charger {charger_id!r}")
        return found

    def charger_named(self, *, deployment_id: str | None = None, identity: str | None = None) -> Deployment:
        """The charger of that deployment id or OCPP identity; raises NotFound."""
        if deployment_id is not None:
            return self.charger(deployment_id)
        found = self._identities.get(identity or "")
        if found is None:
            raise NotFound(f"there is no charger with the identity {identity!r}")
        return found

    def at_location(self, location_id: str | None) -> list[Deployment]:
        """The chargers of a location, or all of them."""
        return [one for one in self.chargers.values() if location_id is None or one.record.location_id == location_id]

    def create_charger(self, new: NewCharger) -> Deployment:
        """Create a charger; it is provisioned in the background.

        Raises:
            BadRequest: it cannot be; the text says why.
            Unavailable: the Gateway is full.
        """
        self._host.require_room(1)
        deployment = self._add(new)
        deployment.provision()
        return deployment

    async def update_charger(self, deployment: Deployment, changes: Mapping[str, Any]) -> None:
        """Change what may be changed of a charger; what is None stays as it is.

        Raises:
            BadRequest: a change that cannot be; nothing has been changed then.
            NotFound: the charger has been deleted meanwhile.
        """
        record = deployment.record
        wanted = {key: value for key, value in changes.items() if value is not None}
        location = self.locations.named(wanted.get("location_id"), wanted.get("location_name"))
        connector_type = _connector_type(wanted.get("connector_type", record.connector_type))
        url = _csms_url(wanted.get("ws_url", record.ws_url))
        version = version_named(wanted.get("ocpp_version", record.version_name))
        # All that can be refused has been looked at; the record changes only when the charger has.
        await deployment.redeploy(url=url, version=version)
        record.name = wanted.get("charge_point_name", wanted.get("name", record.name))
        record.connector_type = connector_type
        record.location_id = location or record.location_id
        record.updated_at = clock.timestamp()
        self._host.store.put("charger", record.id, record.to_json())

    async def delete_charger(self, deployment: Deployment) -> None:
        """Remove a charger with its runtime, its memory and its log."""
        # First, so that nobody finds it any more while its connection closes.
        self._forget(deployment)
        await deployment.close()

    def _forget(self, deployment: Deployment) -> None:
        self.chargers.pop(deployment.id, None)
        self._identities.pop(deployment.record.identity, None)
        store = self._host.store
        for kind in ("charger", "memory", "local_list", "cache"):
            store.delete(kind, deployment.id)
        for record in deployment.results.all():
            store.delete("result", record.id)
        store.clear_log(deployment.id)

    def _add(self, new: NewCharger) -> Deployment:
        # At the end of a URL these lead to another path than the one that was asked for.
        if new.identity in (".", "..") or not new.identity.isprintable():
            raise BadRequest(f"the identity {new.identity!r} cannot be the end of a URL")
        if new.identity in self._identities:
            raise BadRequest(f"the identity {new.identity!r} is in use already")
        brand = find_brand(new.brand_slug)
        if brand is None:
            raise BadRequest(f"there is no brand {new.brand_slug!r}: see the catalogue")
        if brand.model(new.model_slug) is None:
            raise BadRequest(f"the brand {brand.slug} has no model {new.model_slug!r}: see the catalogue")
        now = clock.timestamp()
        record = ChargerRecord(
            id=f"dep-{self._host.hex(6)}",
            tenant=self.name,
            identity=new.identity,
            brand_slug=new.brand_slug,
            model_slug=new.model_slug,
            connector_type=_connector_type(new.connector_type),
            ws_url=_csms_url(new.ws_url),
            version=version_named(new.ocpp_version).value,
            name=new.name,
            location_id=self.locations.named(new.location_id, new.location_name),
            created_at=now,
            updated_at=now,
            workflow_run_id=f"wfr_{self._host.hex(6)}",
            basic_auth=new.basic_auth,
            power_w=new.power_w,
        )
        deployment = self.adopt(record)
        self._host.store.put("charger", record.id, record.to_json())
        return deployment

    def adopt(self, record: ChargerRecord) -> Deployment:
        """Take a record in, new or from the file."""
        deployment = self._host.deploy(record)
        self.chargers[record.id] = deployment
        self._identities[record.identity] = deployment
        return deployment

    # -- locations and bulk jobs ----------------------------------------------------------------------------------

    async def delete_location(self, location_id: str) -> None:
        """Remove a location with its chargers; doing it again does nothing.

        Raises:
            NotFound: there never was one.
        """
        # All of it goes in one turn of the loop: nobody finds half a location, in memory or in the file.
        if not self.locations.delete(location_id):
            return
        chargers = self.at_location(location_id)
        for deployment in chargers:
            self._forget(deployment)
        for job in [job for job in self.jobs.values() if job.location_id == location_id]:
            del self.jobs[job.id]
            self._host.store.delete("job", job.id)
        for deployment in chargers:
            await deployment.close()

    def create_job(self, location_id: str, wanted: Sequence[NewCharger]) -> JobRecord:
        """Create many chargers at a location; what cannot be created is listed in the job.

        Raises:
            Unavailable: they do not fit.
        """
        self._host.require_room(len(wanted))
        made: list[Deployment] = []
        failed: list[dict[str, Any]] = []
        for new in wanted:
            try:
                made.append(self._add(new))
            except BadRequest as error:
                failed.append({"identity": new.identity, "error": str(error)})
        job = JobRecord(
            f"job-{self._host.hex(6)}",
            self.name,
            location_id,
            f"wfr_{self._host.hex(6)}",
            [deployment.id for deployment in made],
            failed,
            clock.timestamp(),
        )
        self.jobs[job.id] = job
        self._host.store.put("job", job.id, job.to_json())
        for deployment in made:
            deployment.provision()
        return job

    def job(self, location_id: str, job_id: str) -> JobRecord:
        """A job of that location; raises NotFound."""
        found = self.jobs.get(job_id)
        if found is None or found.location_id != location_id:
            raise NotFound(f"the location has no job {job_id!r}")
        return found

    def job_members(self, job: JobRecord) -> list[Deployment]:
        """The chargers of a job that have not been deleted since."""
        return [self.chargers[one] for one in job.charger_ids if one in self.chargers]

    def job_status(self, job: JobRecord) -> str:
        """READY when every charger has been dealt with and at least one is there, FAILED when none is."""
        states = [deployment.record.status for deployment in self.job_members(job)]
        if any(state not in _JOB_STATES for state in states):
            return Provisioning.PROVISIONING.value
        made = [state for state in states if state == Provisioning.READY]
        return (Provisioning.READY if made or not job.failed else Provisioning.FAILED).value

    def suffixes(self, given: Iterable[str] | None, number: int | None) -> list[str]:
        """Which identities a group of a bulk job gets: those given, padded or cut to the number."""
        wanted = list(given or ())
        if number is None:
            return wanted
        while len(wanted) < number:
            wanted.append(self._host.hex(4))
        return wanted[:number]


def _connector_type(name: str) -> str:
    if name not in CONNECTOR_TYPES:
        raise BadRequest(f"there is no connector type {name!r}: choose from {', '.join(CONNECTOR_TYPES)}")
    return name


def _csms_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise BadRequest("ws_url is no ws:// or wss:// URL of a CSMS")
    return url
