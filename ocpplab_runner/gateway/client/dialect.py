"""The interface that keeps the generations of the API apart: what is asked how, and what an answer means. Sans-I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ocpplab_runner.gateway.client.commands import CommandSpec
from ocpplab_runner.gateway.client.http import HttpRequest
from ocpplab_runner.gateway.client.model import (
    Acknowledgement,
    Address,
    Charger,
    CommandResult,
    Model,
    NewCharger,
    NotInTheApiError,
    Progress,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

Event = Mapping[str, Any]
#: Entries that one page of a log has at most.
PAGE = 500


class Dialect(Protocol):
    """One generation. Readers raise :class:`~ocpplab_runner.gateway.client.model.ShapeError`."""

    @property
    def name(self) -> str:
        """``g2`` or ``g4``."""
        ...

    @property
    def commands(self) -> Mapping[str, CommandSpec]:
        """Verb → what the API has for it; a verb that is missing it does not have."""
        ...

    @property
    def tells_outcomes(self) -> bool:
        """Whether the API says what became of a queued command."""
        ...

    @property
    def gives_credentials(self) -> bool:
        """Whether a charger can be made with a password for its CSMS."""
        ...

    def command(self, verb: str, address: Address, event: Event, version: OcppVersion) -> tuple[HttpRequest, ...]:
        """The requests of a command, to be sent one after the other.

        Args:
            verb: a key of :attr:`commands`.
            address: who shall do it.
            event: the command's fields, named as in generation 2.
            version: of the charger.

        Raises:
            NotInTheApiError: this generation cannot say that.
        """
        ...

    def acknowledgement(self, verb: str, body: Any) -> Acknowledgement:
        """What the answer to a command says."""
        ...

    def result(self, command_id: str) -> HttpRequest:
        """Ask for a command's result; NotInTheApiError where it cannot be asked for."""
        ...

    def read_result(self, body: Any) -> CommandResult:
        """A command's result."""
        ...

    def create(self, charger: NewCharger) -> HttpRequest:
        """Make a charger; NotInTheApiError for credentials where it cannot have any."""
        ...

    def read_created(self, body: Any, charger: NewCharger) -> Charger:
        """The charger that is being made."""
        ...

    def progress(self, charger: Charger) -> HttpRequest:
        """Ask how far its provisioning has come."""
        ...

    def read_progress(self, body: Any, charger: Charger) -> Progress:
        """How far it has come."""
        ...

    def delete(self, charger: Charger) -> HttpRequest:
        """Unmake it."""
        ...

    def delete_named(self, identity: str) -> HttpRequest | None:
        """Unmake the charger of that identity, whose id nobody knows; None where the API wants it: :meth:`find`."""
        ...

    def find(self, identity: str, page: int) -> HttpRequest:
        """A page of chargers among which one of that identity would be.

        Raises:
            NotInTheApiError: the API has no such list.
        """
        ...

    def read_found(self, body: Any) -> list[Charger]:
        """The chargers of that page."""
        ...

    def log(self, charger: Charger, page: int) -> HttpRequest:
        """A page of its log, from 0, of :data:`PAGE` entries."""
        ...

    def brands(self) -> HttpRequest:
        """The catalogue's brands."""
        ...

    def models(self, brand: str) -> HttpRequest:
        """A brand's models."""
        ...

    def create_location(self, name: str) -> HttpRequest:
        """Make a place for chargers."""
        ...

    def read_location(self, body: Any) -> str:
        """Its id."""
        ...

    def delete_location(self, location_id: str) -> HttpRequest:
        """Unmake it."""
        ...


def checked(
    generation: str, commands: Mapping[str, CommandSpec], verb: str, address: Address, fields: Iterable[str]
) -> CommandSpec:
    """The command, when that generation has it with these fields for this address.

    Raises:
        NotInTheApiError: it has not.
    """
    objection = objection_to(generation, commands, verb, fields)
    if objection is not None:
        raise NotInTheApiError(objection)
    spec = commands[verb]
    if address.location_id is not None and not spec.fleet:
        raise NotInTheApiError(f"{verb} goes to one charger only, not to a location")
    return spec


def objection_to(generation: str, commands: Mapping[str, CommandSpec], verb: str, fields: Iterable[str]) -> str | None:
    """Why a generation cannot say a command with these fields; None when it can."""
    spec = commands.get(verb)
    if spec is None:
        return f"the Gateway API ({generation}) has no command {verb.replace('_', '-')}"
    strange = sorted(set(fields) - spec.fields)
    if strange:
        return f"the Gateway API ({generation}) has no {' or '.join(strange)} in {spec.path}"
    return None


def model_of(models: Iterable[Model], connectors: int) -> Model | None:
    """The first model of that many connectors."""
    return next((model for model in models if model.connectors == connectors), None)
