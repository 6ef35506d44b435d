"""The options of commands that dial a CSMS as a charger does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ocpplab_runner.cli.output import hide
from ocpplab_runner.cli.targets import PASSWORD_VARIABLE
from ocpplab_runner.cli.values import seconds
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.ocppj.route import Route
    from ocpplab_runner.tools.dialling import Dialling

F = TypeVar("F", bound=Callable[..., Any])

_IDENTITY = click.option("--identity", default="CP-1", show_default=True, help="The charger's.")
_OPTIONS = (
    click.argument("url", metavar="URL"),
    click.option(
        "--basic-auth-user",
        metavar="USER",
        help=f"User of the basic authentication [default: the identity]; the password comes from {PASSWORD_VARIABLE}.",
    ),
    click.option("--ca", metavar="FILE", help="Trust this CA besides the system's."),
    click.option("--cert", metavar="FILE", help="The charger's certificate; {identity} stands for its identity."),
    click.option("--key", metavar="FILE", help="The certificate's key, where it has a file of its own."),
    click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Send this header, too."),
    click.option("--proxy", metavar="URL", help="Dial through this http:// or https:// proxy."),
    click.option("--insecure", is_flag=True, help="Take any certificate of the CSMS."),
    click.option(
        "--timeout",
        metavar="DURATION",
        callback=seconds,
        default="10s",
        show_default=True,
        help="For a connection, and for each answer.",
    ),
)


def dialling_options(command: F) -> F:
    """URL and options of a command that dials as one charger; :func:`dialling` makes of them what the tools take."""
    return fleet_options(_IDENTITY(command))


def fleet_options(command: F) -> F:
    """The same without the identity, for a command that dials as several chargers."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def ocpp_option(text: str) -> Callable[[F], F]:
    """``--ocpp``, several times for more versions; none: an empty tuple."""
    return click.option(
        "--ocpp", "versions", multiple=True, type=click.Choice([version.value for version in OcppVersion]), help=text
    )


def chosen(versions: tuple[str, ...]) -> tuple[OcppVersion, ...]:
    """The versions of :func:`ocpp_option`, all where none is given."""
    return tuple(dict.fromkeys(map(OcppVersion, versions))) or tuple(OcppVersion)


def dialling(given: Mapping[str, Any]) -> Dialling:
    """The way to the CSMS; what of it is secret is hidden from now on.

    Raises:
        click.UsageError: the URL is none, or options contradict each other.
    """
    from ocpplab_runner.ocppj.tls import ClientTls
    from ocpplab_runner.tools.dialling import Dialling

    password = os.environ.get(PASSWORD_VARIABLE)
    if given["basic_auth_user"] and password is None:
        raise click.UsageError(f"--basic-auth-user needs the password in the environment, as {PASSWORD_VARIABLE}")
    if not given["identity"]:
        raise click.UsageError("--identity is empty: a charger has a name, which goes into the URL")
    if not given["timeout"] > 0:
        raise click.UsageError("--timeout is longer than nothing: in no time at all nobody can answer")
    trust = ClientTls(given["ca"], given["cert"], given["key"], not given["insecure"])
    way = Dialling(
        given["url"],
        given["identity"],
        None if password is None else (given["basic_auth_user"] or given["identity"], password),
        trust,
        _route(given),
        given["timeout"],
    )
    hide(way.secrets())
    with usage(way.secrets()):
        dialled = way.dialled
        if dialled.basic_auth is not None and not dialled.basic_auth[1]:
            raise ValueError("the URL names a user without a password; --basic-auth-user names one alone")
        if not way.secure and (trust.cert or trust.key):
            raise ValueError("--cert and --key need a wss:// URL: without TLS nobody is shown them")
        if not way.secure and (trust.ca is not None or given["insecure"]):
            raise ValueError("--ca and --insecure need a wss:// URL: without TLS nobody is asked for a certificate")
        if way.secure:
            # Made for what it refuses: a file that is none is wrong usage, and found out before anybody is dialled.
            trust.context(way.identity)
    return way


def _route(given: Mapping[str, Any]) -> Route:
    from ocpplab_runner.ocppj.route import Route

    headers = {}
    for header in given["headers"]:
        name, equals, value = header.partition("=")
        if not equals:
            raise click.UsageError("--header is NAME=VALUE")
        headers[name] = value
    try:
        return Route.from_options(headers, given["proxy"])
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def usage(secrets: Iterable[Any]) -> Iterator[None]:
    """What the tools refuse is wrong usage, and shows none of these secrets."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(Redactor(secrets).redact_text(str(error))) from error
