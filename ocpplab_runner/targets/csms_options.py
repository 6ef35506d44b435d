"""How to reach a CSMS that is not ours, and what is known of it: the options of a ``csms`` target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ocpplab_runner.csms import Card
from ocpplab_runner.ocppj.route import Route
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.ocppj.tls import ClientTls
from ocpplab_runner.ocppj.urls import IDENTITY, dial, without_credentials
from ocpplab_runner.plugin.csms_driver import CsmsDriver
from ocpplab_runner.targets.capabilities import VERSIONS, versions_option
from ocpplab_runner.targets.card_options import cards_option, status_option, tokens_option
from ocpplab_runner.targets.changes import QUIET
from ocpplab_runner.targets.option_values import credentials_of, identities, one_of, some_time
from ocpplab_runner.vocabulary.durations import duration_option
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_OPTIONS = frozenset(
    {
        "url",
        "identities",
        "profiles",
        "basic_auth",
        "ca",
        "cert",
        "key",
        "verify",
        "headers",
        "proxy",
        "versions",
        "tokens",
        "cards",
        "unknown_id_token",
        "concurrent_tx",
        "within",
        "settle",
        "call_timeout",
        "driver",
    }
)


@dataclass(frozen=True, slots=True)
class CsmsTargetOptions:
    """What a ``csms`` target is told.

    Attributes:
        url: ``ws://`` or ``wss://``, without credentials; ``{identity}`` stands where the identity goes, or it goes to
            the end of the path.
        profiles: security profile → where chargers dial with it, where that is another URL.
        identities: charger identities that the CSMS knows, lent to cases; empty: the scenario's own are used.
        basic_auth: user (None: the identity) and password.
        tls: whom to trust and what to show, for ``wss://``.
        route: a proxy, and headers of the handshake.
        versions: the OCPP versions that the CSMS speaks.
        tokens: a scenario's card or group → the real one, fixed by hand.
        cards: real card → what the CSMS knows of it.
        unknown_id_token: what the CSMS says of a card that it does not know; None when nobody has said.
        concurrent_tx: ``refuse`` or ``allow``, as in ``given.csms``; None when nobody has said.
        within: seconds that an expectation waits when it does not say.
        settle: seconds without a frame, all being answered, after which a state counts as reached.
        call_timeout: seconds that a charger waits for an answer, and winding up for each.
        driver: what makes the CSMS act; None when nothing does.
    """

    url: str
    profiles: Mapping[int, str] = field(default_factory=dict)
    identities: tuple[str, ...] = ()
    basic_auth: tuple[str | None, str] | None = None
    tls: ClientTls = field(default_factory=ClientTls)
    route: Route = field(default_factory=Route)
    versions: tuple[OcppVersion, ...] = VERSIONS
    tokens: Mapping[str, str] = field(default_factory=dict)
    cards: Mapping[str, Card] = field(default_factory=dict)
    unknown_id_token: AuthorizationStatus | None = None
    concurrent_tx: str | None = None
    within: float = 30.0
    settle: float = QUIET
    call_timeout: float = CALL_TIMEOUT
    driver: CsmsDriver | None = None

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any]) -> CsmsTargetOptions:
        """From the command line or ``ocpplab.yaml``.

        Raises:
            ValueError: an option is unknown, missing or wrong; the text never holds a password.
        """
        unknown = sorted(set(options) - _OPTIONS)
        if unknown:
            raise ValueError(f"a csms target has no option {', '.join(unknown)}; it has {', '.join(sorted(_OPTIONS))}")
        url, credentials = _url(options.get("url"))
        return cls(
            url=url,
            profiles=_profiles(options.get("profiles")),
            identities=identities(options.get("identities")),
            basic_auth=credentials_of(options["basic_auth"]) if options.get("basic_auth") is not None else credentials,
            tls=_tls(url, options),
            route=Route.from_options(options.get("headers"), options.get("proxy")),
            versions=versions_option(options.get("versions")),
            tokens=tokens_option(options.get("tokens")),
            cards=cards_option(options.get("cards")),
            unknown_id_token=_unknown_id_token(options.get("unknown_id_token")),
            concurrent_tx=one_of("concurrent_tx", options.get("concurrent_tx"), ("refuse", "allow")),
            within=duration_option("within", options, 30.0),
            call_timeout=some_time("call_timeout", options, CALL_TIMEOUT),
            settle=duration_option("settle", options, QUIET),
            driver=_driver(options.get("driver")),
        )

    def check_files(self) -> None:
        """See that the files of certificates and keys can be used, as far as identities are known that they are for.

        Raises:
            ValueError: one cannot.
        """
        known = self.identities or (() if self.tls.varies else ("",))
        for identity in known if self.url.startswith("wss://") else ():
            self.tls.context(identity)


def _driver(value: Any) -> CsmsDriver | None:
    if value is None or isinstance(value, CsmsDriver):
        return value
    raise ValueError("`driver` is a mapping that says how the CSMS is made to act")


def _url(value: Any) -> tuple[str, tuple[str | None, str] | None]:
    """The URL without credentials, and those."""
    try:
        if not isinstance(value, str):
            raise ValueError
        dial(value, "CP-1")
    except ValueError:
        shown = without_credentials(value) if isinstance(value, str) else value
        raise ValueError(f"a csms target needs a ws:// or wss:// URL with a host, not {shown!r}") from None
    misspelt = _PLACEHOLDER.search(value.replace(IDENTITY, ""))
    if misspelt is not None:
        raise ValueError(f"a URL has no {misspelt.group()}; {IDENTITY} stands for the charger's identity")
    parts = urlsplit(value)
    _, at, host = parts.netloc.rpartition("@")
    url = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    if not at:
        return url, None
    if not parts.password:
        raise ValueError(f"the URL {without_credentials(value)} names a user without a password")
    return url, (unquote(parts.username or "") or None, unquote(parts.password))


def _profiles(value: Any) -> Mapping[int, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not set(value) <= {0, 1, 2, 3}:
        raise ValueError("`profiles` has the URL of each security profile that is dialled elsewhere: 0 to 3")
    urls = {}
    for profile, url in value.items():
        urls[profile], credentials = _url(url)
        if credentials is not None:
            raise ValueError("a URL of `profiles` has no credentials; `basic_auth` has them")
        if urls[profile].startswith("wss://") is not (profile >= 2):
            raise ValueError(f"security profile {profile} is dialled at {'wss' if profile >= 2 else 'ws'}://")
    return urls


def _tls(url: str, options: Mapping[str, Any]) -> ClientTls:
    files = {name: options.get(name) for name in ("ca", "cert", "key")}
    for name, file in files.items():
        if file is not None and not isinstance(file, str):
            raise ValueError(f"`{name}` is the path of a file")
    if files["key"] is not None and files["cert"] is None:
        raise ValueError("a `key` needs its certificate, `cert`")
    if files["cert"] is not None and not url.startswith("wss://") and options.get("profiles") is None:
        raise ValueError("a `cert` needs a wss:// URL: without TLS nobody is shown it")
    return ClientTls(**files, verify=_boolean("verify", options.get("verify", True)))


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"`{name}` is true or false")


def _unknown_id_token(value: Any) -> AuthorizationStatus | None:
    return None if value is None else status_option("unknown_id_token", value)
