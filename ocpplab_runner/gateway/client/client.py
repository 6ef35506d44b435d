"""A client of a Gateway: commands, chargers, the catalogue and logs, in either generation of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from ocpplab_runner import clock
from ocpplab_runner.gateway.client.dialect import PAGE, Dialect, model_of
from ocpplab_runner.gateway.client.errors import (
    GatewayError,
    NoAnswerError,
    NotFoundError,
    NotTheApiError,
    RefusedError,
    ServerTroubleError,
)
from ocpplab_runner.gateway.client.http import GatewayHttp, HttpAnswer, HttpRequest
from ocpplab_runner.gateway.client.model import (
    Acknowledgement,
    Address,
    Charger,
    CommandResult,
    Fate,
    LogEntry,
    Model,
    NewCharger,
    Progress,
    Queued,
    ShapeError,
    Stage,
)
from ocpplab_runner.gateway.client.reading import items, log_entries, models, text
from ocpplab_runner.gateway.client.skew import Skew
from ocpplab_runner.vocabulary.versions import OcppVersion

T = TypeVar("T")

#: Seconds between two looks at how far something is: at first, and at most.
_FIRST_LOOK = 0.1
_LONGEST_LOOK = 2.0
#: A Gateway whose pages have no end is not read for ever.
_MOST_PAGES = 100


class ProvisioningError(Exception):
    """A charger did not come up."""


class UnknownModelError(Exception):
    """The catalogue has no such brand or model; the text says which there are."""


class PartialFanOutError(Exception):
    """A command for several chargers was not queued for all of them."""


class GatewayClient:
    """One conversation with a Gateway.

    Args:
        http: the way to it.
        dialect: the generation that it speaks.
    """

    def __init__(self, http: GatewayHttp, dialect: Dialect) -> None:
        self._http = http
        self.dialect = dialect
        self._models: list[Model] | None = None
        self._skew = Skew()

    # -- commands -------------------------------------------------------------------------------------------------

    async def command(
        self,
        verb: str,
        address: Address,
        event: Mapping[str, Any],
        version: OcppVersion,
        *,
        some_suffice: bool = False,
    ) -> Acknowledgement:
        """Send a command once; that it is accepted does not mean that it has had its effect.

        Args:
            verb: such as ``plug_connector``.
            address: who shall do it.
            event: its fields, as in generation 2.
            version: that the chargers speak.
            some_suffice: whether it is enough that some of the chargers were reached.

        Raises:
            NotInTheApiError: the API cannot say that.
            PartialFanOutError: some of several chargers were not reached.
            GatewayError: as :meth:`~ocpplab_runner.gateway.client.http.GatewayHttp.send`.
        """
        whole = Acknowledgement()
        for request in self.dialect.command(verb, address, event, version):
            try:
                answer = await self._http.send(request)
            except RefusedError as error:
                # The Gateway has understood and would not: an outcome, which the scenario judges, and no trouble.
                return Acknowledgement(whole.queued, whole.failed, whole.detail, error.message)
            read = self._read(request, answer, lambda body: self.dialect.acknowledgement(verb, body))
            # Where nobody was reached there is nothing partial: that is the step's outcome.
            if read.failed and not some_suffice and read.queued:
                raise PartialFanOutError(f"{request}: {_partly(read)}")
            whole = Acknowledgement(
                (*whole.queued, *read.queued),
                (*whole.failed, *read.failed),
                {**whole.detail, **read.detail},
                read.refusal or whole.refusal,
            )
            if read.refusal:
                break
        return whole

    async def result(self, queued: Queued, *, within: float, until_received: bool = False) -> CommandResult:
        """Wait for what has become of a queued command.

        Args:
            queued: from an acknowledgement.
            within: seconds; a command that is open then is returned as that.
            until_received: return as soon as the charger has it, with what is known then.

        Raises:
            NotInTheApiError: the API does not tell.
            GatewayError: as :meth:`command`.
        """
        request = self.dialect.result(queued.command_id)
        pause = _FIRST_LOOK / 2
        last = CommandResult(Fate.OPEN, "not yet received")
        try:
            async with asyncio.timeout(within):
                while True:
                    try:
                        answer = await self._http.send(request)
                    except NotFoundError:
                        pass  # until the charger has received it there is no result
                    else:
                        self._learn_time(answer)
                        last = self._read(request, answer, self.dialect.read_result)
                        if until_received or last.fate is not Fate.OPEN:
                            return last
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, 1.0)
        except TimeoutError:
            return last

    def moment(self, result: CommandResult) -> float | None:
        """When a result last changed, in seconds on the run's clock; None when the Gateway does not say."""
        return None if result.updated is None else result.updated - self._skew.seconds - _zero()

    # -- chargers -------------------------------------------------------------------------------------------------

    async def create(self, wanted: NewCharger) -> Charger:
        """Have a charger made; it is under way when this returns.

        A creation that is cancelled, or that nobody answers, is unmade before this raises.
        """
        task = asyncio.ensure_future(self._create(wanted))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            try:
                # Its answer is waited for: without the id that it brings nothing can be deleted.
                await self.delete(await task)
            except GatewayError:
                await self._sweep(wanted.identity)
            raise

    async def ready(self, charger: Charger, *, within: float) -> None:
        """Wait until its provisioning is done, which does not mean that it has booted.

        Raises:
            ProvisioningError: it failed, or took longer than ``within`` seconds.
            GatewayError: as :meth:`command`.
        """
        request = self.dialect.progress(charger)
        seen = Progress(Stage.UNDERWAY, "PENDING")
        pause = _FIRST_LOOK
        try:
            async with asyncio.timeout(within):
                while True:
                    seen = await self._ask(request, lambda body: self.dialect.read_progress(body, charger))
                    if seen.stage is Stage.READY:
                        return
                    if seen.stage is Stage.FAILED:
                        raise ProvisioningError(
                            f"the charger {charger.identity} was not provisioned: {seen.error or seen.word}"
                        )
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, _LONGEST_LOOK)
        except TimeoutError:
            raise ProvisioningError(
                f"the charger {charger.identity} was not ready within {within:g} s; its provisioning is at {seen.word}"
            ) from None

    async def delete(self, charger: Charger) -> None:
        """Unmake a charger; one that is gone already is no error."""
        await self._delete(self.dialect.delete(charger))

    async def create_location(self, name: str) -> str:
        """Make a location; returns its id."""
        return await self._ask(self.dialect.create_location(name), self.dialect.read_location)

    async def delete_location(self, location_id: str) -> None:
        """Unmake a location; one that is gone already is no error."""
        await self._delete(self.dialect.delete_location(location_id))

    # -- the catalogue and logs -----------------------------------------------------------------------------------

    async def model(self, connectors: int, *, brand: str | None = None, slug: str | None = None) -> Model | None:
        """A model of the catalogue.

        Args:
            connectors: how many it must have.
            brand: look at this brand only.
            slug: look at this model only.

        Raises:
            UnknownModelError: the catalogue has no such brand or model at all.
        """
        if self._models is None:
            found: list[Model] = []
            brands = self.dialect.brands()
            slugs = await self._ask(brands, lambda body: [text(item, "slug", "brand_slug") for item in items(body)])
            for one in slugs:
                found += await self._ask(self.dialect.models(one), partial(models, one))
            self._models = found
        wanted = [one for one in self._models if brand in (None, one.brand) and slug in (None, one.slug)]
        if not wanted and self._models:
            brands_there = sorted({one.brand for one in self._models})
            if brand is not None and brand not in brands_there:
                raise UnknownModelError(f"the Gateway's catalogue has no brand {brand!r}: {', '.join(brands_there)}")
            slugs_there = sorted(one.slug for one in self._models if brand in (None, one.brand))
            raise UnknownModelError(f"the Gateway's catalogue has no model {slug!r}: {', '.join(slugs_there)}")
        return model_of(wanted, connectors)

    async def log(self, charger: Charger) -> tuple[list[LogEntry], HttpAnswer]:
        """Everything that a charger's log holds now, and the first answer, which tells the Gateway's time."""
        entries: list[LogEntry] = []
        first: HttpAnswer | None = None
        for page in range(_MOST_PAGES):
            request = self.dialect.log(charger, page)
            answer = await self._http.send(request)
            first = first or answer
            read = self._read(request, answer, log_entries)
            entries += read
            if len(read) < PAGE:
                break
        assert first is not None
        return entries, first

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _create(self, wanted: NewCharger) -> Charger:
        try:
            return await self._ask(self.dialect.create(wanted), lambda body: self.dialect.read_created(body, wanted))
        except (NoAnswerError, ServerTroubleError, NotTheApiError):
            # Nobody knows whether it exists.
            await self._sweep(wanted.identity)
            raise

    async def _sweep(self, identity: str) -> None:
        """Unmake the charger of that identity, if there is one; nobody else has given it that identity."""
        try:
            request = self.dialect.delete_named(identity)
            if request is not None:
                await self._delete(request)
                return
            for page in range(1, _MOST_PAGES + 1):
                found = await self._ask(self.dialect.find(identity, page), self.dialect.read_found)
                for charger in found:
                    if charger.identity == identity:
                        await self.delete(charger)
                        return
                if not found:
                    return
        except GatewayError:
            # What is raised is the trouble that has led here.
            return

    async def _delete(self, request: HttpRequest) -> None:
        try:
            await self._http.send(request)
        except NotFoundError:
            return

    def _learn_time(self, answer: HttpAnswer) -> None:
        if answer.date is not None:
            self._skew.learn(answer.date.timestamp(), _zero() + answer.sent, _zero() + answer.received)

    async def _ask(self, request: HttpRequest, read: Callable[[Any], T]) -> T:
        return self._read(request, await self._http.send(request), read)

    def _read(self, request: HttpRequest, answer: HttpAnswer, read: Callable[[Any], T]) -> T:
        try:
            return read(answer.body)
        except ShapeError as error:
            raise NotTheApiError(str(request), f"HTTP {answer.status}: {error}", status=answer.status) from None


def _zero() -> float:
    """Seconds since 1970 at the zero of the run's clock."""
    return clock.utcnow().timestamp() - clock.now()


def _partly(read: Acknowledgement) -> str:
    names = "; ".join(f"{identity or 'a charger'}: {reason}" for identity, reason in read.failed)
    return f"queued for {len(read.queued)} and not for {len(read.failed)} of its chargers: {names}"
