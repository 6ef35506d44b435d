"""What a ``gateway`` target is told, in ``ocpplab.yaml`` or by one of two names that need no configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ocpplab_runner.csms import Card
from ocpplab_runner.targets.capabilities import versions_option
from ocpplab_runner.targets.card_options import cards_option, tokens_option
from ocpplab_runner.targets.changes import QUIET
from ocpplab_runner.targets.option_values import listen_at
from ocpplab_runner.vocabulary.durations import duration_option
from ocpplab_runner.vocabulary.versions import OcppVersion

BUILT_IN = "built-in"
#: The OCPP versions that the Gateway API can ask of a charger.
API_VERSIONS = (OcppVersion.V16, OcppVersion.V201)
_ADDRESSING = ("charger", "location", "subset")
_OPTIONS = frozenset(
    {
        "base_url",
        "local",
        "local_config",
        "realtime",
        "token",
        "organization_id",
        "dialect",
        "csms",
        "listen",
        "ws_url",
        "address",
        "partial_fan_out",
        "location_id",
        "brand",
        "model",
        "versions",
        "within",
        "settle",
        "provisioning",
        "log_delay",
        "log",
        "cards",
        "tokens",
    }
)


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """How to reach a Gateway, and what stands at the other end of its chargers.

    Attributes:
        base_url: of the Gateway; None for one of our own that is started for the run.
        local_config: configuration file of one of our own.
        realtime: one of our own is a process on the real clock, not a guest of each case's virtual one.
        token: bearer token.
        organization: for ``X-Organization-Id``; only tokens that are bound to no tenant may send it.
        dialect: ``g2`` or ``g4``.
        csms: None for the built-in CSMS, else the ``ws://`` or ``wss://`` URL of somebody else's.
        listen: host and port of the built-in CSMS; port 0 is a free one for each case.
        ws_url: how the Gateway reaches the built-in CSMS, where that is not where it listens.
        address: whether commands name the charger, its location, or it among a location's.
        partial_fan_out: whether a command that reaches some of its chargers is good enough.
        location_id: where chargers are made; None makes a location where one is needed.
        brand, model: which model of the catalogue; None takes the first that has the right number of connectors.
        versions: the OCPP versions that its chargers speak.
        within: seconds that an expectation waits when it does not say.
        settle: seconds without a frame after which nothing more is expected.
        provisioning: seconds that a charger may take to come up and boot.
        log_delay: seconds by which an entry of the log may be late; only where the log is the evidence.
        answers_logged: whether the log has the answers too, not only the calls.
        cards: somebody else's CSMS: real card → what it knows of it.
        tokens: somebody else's CSMS: a scenario's card → the real one.
    """

    base_url: str | None
    local_config: str | None = None
    realtime: bool = False
    token: str = field(default="", repr=False)
    organization: str | None = None
    dialect: str = "g2"
    csms: str | None = None
    listen: tuple[str, int] = ("127.0.0.1", 0)
    ws_url: str | None = None
    address: str = "charger"
    partial_fan_out: bool = False
    location_id: str | None = None
    brand: str | None = None
    model: str | None = None
    versions: tuple[OcppVersion, ...] = API_VERSIONS
    within: float = 30.0
    settle: float = QUIET
    provisioning: float = 180.0
    log_delay: float = 5.0
    answers_logged: bool = True
    cards: Mapping[str, Card] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)

    @property
    def virtual_clock(self) -> bool:
        """Whether everything is ours: the Gateway, its chargers and the CSMS."""
        return self.base_url is None and self.csms is None and not self.realtime

    @property
    def shared_location(self) -> bool:
        """Whether a command for one charger reaches others, of which nothing is known."""
        return self.address == "location" and self.location_id is not None

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any]) -> GatewayOptions:
        """From ``ocpplab.yaml``.

        Raises:
            ValueError: an option is unknown, missing or wrong; the text never holds the token.
        """
        unknown = sorted(set(options) - _OPTIONS)
        if unknown:
            raise ValueError(
                f"a gateway target has no option {', '.join(unknown)}; it has {', '.join(sorted(_OPTIONS))}"
            )
        local = options.get("local", False)
        if not isinstance(local, bool):
            raise ValueError("`local` is true or false")
        for name in ("local_config", "realtime"):
            if name in options and not local:
                raise ValueError(f"`{name}` belongs to `local: true`")
        realtime = options.get("realtime", False)
        if not isinstance(realtime, bool):
            raise ValueError("`realtime` is true or false")
        csms = options.get("csms", BUILT_IN)
        foreign = None if csms == BUILT_IN else _url("csms", csms, ("ws", "wss"))
        for name in ("listen", "ws_url"):
            if foreign is not None and name in options:
                raise ValueError(f"`{name}` belongs to the built-in CSMS, and `csms` names another")
        for name in ("cards", "tokens"):
            if foreign is None and name in options:
                raise ValueError(f"`{name}` belongs to somebody else's CSMS; the built-in one knows given.csms")
        log = _one_of("log", options.get("log", "frames"), ("frames", "calls"))
        return cls(
            base_url=None if local else _url("base_url", options.get("base_url"), ("http", "https")),
            local_config=_text(options, "local_config"),
            realtime=realtime,
            token="" if local else _token(options.get("token")),
            organization=None if options.get("organization_id") is None else str(options["organization_id"]),
            dialect=_one_of("dialect", options.get("dialect", "g2"), ("g2", "g4")),
            csms=foreign,
            listen=listen_at(options.get("listen", "127.0.0.1:0")),
            ws_url=None if options.get("ws_url") is None else _url("ws_url", options["ws_url"], ("ws", "wss")),
            address=_one_of("address", options.get("address", "charger"), _ADDRESSING),
            partial_fan_out=_one_of("partial_fan_out", options.get("partial_fan_out", "fail"), ("fail", "allow"))
            == "allow",
            location_id=_text(options, "location_id"),
            brand=_text(options, "brand"),
            model=_text(options, "model"),
            versions=versions_option(options.get("versions"), API_VERSIONS),
            within=duration_option("within", options, 30.0),
            settle=duration_option("settle", options, QUIET),
            provisioning=duration_option("provisioning", options, 180.0),
            log_delay=duration_option("log_delay", options, 5.0),
            answers_logged=log == "frames",
            cards=cards_option(options.get("cards")),
            tokens=tokens_option(options.get("tokens")),
        )


def _url(name: str, value: Any, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        good = parts is not None and parts.scheme in schemes and bool(parts.hostname) and parts.username is None
    except ValueError:
        good = False
    if not good:
        raise ValueError(
            f"`{name}` is a {' or '.join(f'{one}://' for one in schemes)} URL with a host and no credentials"
        )
    return str(value).rstrip("/")


def _token(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a gateway target needs a `token`: write ${{ env.NAME }}")
    token = value.strip().removeprefix("Bearer ").strip()
    if not token.isascii() or any(char.isspace() for char in token):
        raise ValueError("the `token` is no bearer token: it has spaces or letters that no header can carry")
    return token


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"`{name}` is {' or '.join(known)}, not {value!r}")
    return str(value)


def _text(options: Mapping[str, Any], name: str) -> str | None:
    return None if options.get(name) is None else str(options[name])
