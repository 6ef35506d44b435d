"""Which stations dial us, what they are, and what may be done to them: the options of a ``station`` target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ssl import SSLContext, SSLError
from typing import Any

from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.ocppj.tls import server_context
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.targets.capabilities import versions_option
from ocpplab_runner.targets.changes import QUIET
from ocpplab_runner.targets.option_values import credentials_of, identities, identity_of, listen_at, some_time, text_of
from ocpplab_runner.vocabulary.authorization import CSMS_VALIDATOR
from ocpplab_runner.vocabulary.durations import duration_option
from ocpplab_runner.vocabulary.versions import OcppVersion

_OPTIONS = frozenset(
    {
        "listen",
        "path",
        "identity",
        "identities",
        "stations",
        "charger",
        "versions",
        "security_profile",
        "basic_auth",
        "cert",
        "key",
        "client_ca",
        "boot",
        "call_timeout",
        "answer_delay",
        "allow",
        "within",
        "settle",
        "cards",
        "tokens",
        "rig",
        "interactive",
        "hands",
        "journal",
        "files",
    }
)
_STATION_OPTIONS = frozenset({"listen", "versions", "charger"})
#: What disturbs a charger, by the word that allows it.
DISTURBANCES = ("reset", "firmware", "certificates", "availability")
#: Commands of the charger that OCPP has: the CSMS gives them.
OVER_OCPP = frozenset(
    {"set_configuration", "reset_auth_cache", "send_local_auth_list", "clear_local_auth_list", "unlock_connector"}
)
#: A validator of :attr:`StationFacts.validators` that answers as a scenario says.
SCRIPTED = "scripted"
_IDENTITY = "CP-1"
#: What a case gives a station, not what the station is.
_ARRANGED = frozenset({"identity", "settings", "configuration", "local_list", "cache", "ev", "basic_auth"})


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """What we show in TLS, and whom we trust.

    Attributes:
        cert: file of our certificate.
        key: file of its key; None where it is in the same one.
        client_ca: file of who signs the chargers' certificates; None where they show none.
    """

    cert: str
    key: str | None = None
    client_ca: str | None = None

    def context(self, refused: Callable[[SSLError], None]) -> SSLContext:
        """To listen with; raises ValueError and takes what :func:`ocpplab_runner.ocppj.tls.server_context` takes."""
        return server_context(self.cert, self.key, client_ca=self.client_ca, refused=refused)


@dataclass(frozen=True, slots=True)
class StationFacts:
    """One station.

    Attributes:
        identity: with which it dials.
        listen: address at which it is awaited.
        versions: the OCPP versions that it speaks.
        charger: what it is, in the words of ``given.charger``.
        validators: who judges tokens there, in their order: the CSMS, and those that a scenario may script.
    """

    identity: str
    listen: tuple[str, int]
    versions: tuple[OcppVersion, ...]
    charger: Mapping[str, Any] = field(default_factory=dict)
    validators: tuple[str, ...] = (CSMS_VALIDATOR,)

    @property
    def evses(self) -> int:
        """How many EVSEs it has."""
        return int(self.charger.get("evses", 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOptions:
    """What a ``station`` target is told.

    Attributes:
        stations: that dial us.
        path: what they dial before their identity.
        profile: OCPP security profile, 0 for none.
        basic_auth: user (None: the identity) and password that they must give, in profiles 1 and 2.
        tls: for profiles 2 and 3.
        boot: seconds in which a station must dial and boot.
        call_timeout: seconds that we wait for its answers.
        answer_delay: seconds before its calls are answered, where a scenario does not say.
        allow: of :data:`DISTURBANCES`.
        within: seconds that an expectation waits when it does not say.
        settle: seconds without a frame after which a state counts as reached.
        cards: real cards that can be presented; empty: those of the scenario are.
        tokens: a scenario's card → the real one, by hand.
        rig: what has hands there.
        interactive: whether an operator is there.
        hands: seconds in which the operator must have done it.
        journal: directory where it is noted what must be put back.
        files: address at which the stations find the files of a case; None where they find none.
        told: verb → what is told of its outcome there beside whether it is done.
        unanswered: verb → why it is not even told whether it is done.
    """

    stations: tuple[StationFacts, ...]
    path: str = "/ocpp"
    profile: int = 0
    basic_auth: tuple[str | None, str] | None = None
    tls: ServerFiles | None = None
    boot: float = 60.0
    call_timeout: float = CALL_TIMEOUT
    answer_delay: float = 0.1
    allow: frozenset[str] = frozenset()
    within: float = 30.0
    settle: float = QUIET
    cards: tuple[str, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=dict)
    rig: Rig | None = None
    interactive: bool = False
    hands: float = 60.0
    journal: str = ".ocpplab"
    files: tuple[str, int] | None = None
    told: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unanswered: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any]) -> StationOptions:
        """From the command line or ``ocpplab.yaml``.

        Raises:
            ValueError: an option is unknown, missing or wrong; the text never holds a password.
        """
        if unknown := sorted(set(options) - _OPTIONS):
            raise ValueError(
                f"a station target has no option {', '.join(unknown)}; it has {', '.join(sorted(_OPTIONS))}"
            )
        profile = _profile(options.get("security_profile", 0))
        password = None if options.get("basic_auth") is None else credentials_of(options["basic_auth"])
        _refuse_wrong_means(profile, password, options)
        rig = options.get("rig")
        if rig is not None and not isinstance(rig, Rig):
            raise ValueError("`rig` is a mapping")
        if rig is not None and (idle := sorted(OVER_OCPP.intersection(rig.verbs))):
            raise ValueError(f"`rig` has {idle[0]}, and at a station that is done over OCPP")
        return cls(
            stations=_stations(options, profile),
            path=_path(options),
            profile=profile,
            basic_auth=password,
            tls=_server_files(options) if profile >= 2 else None,
            boot=some_time("boot", options, 60.0),
            call_timeout=some_time("call_timeout", options, CALL_TIMEOUT),
            answer_delay=duration_option("answer_delay", options, 0.1),
            allow=_allow(options.get("allow")),
            within=duration_option("within", options, 30.0),
            settle=duration_option("settle", options, QUIET),
            cards=_cards(options.get("cards")),
            tokens=_tokens(options.get("tokens")),
            rig=rig,
            interactive=_interactive(options),
            hands=some_time("hands", options, 60.0),
            journal=text_of("journal", options, ".ocpplab") or ".",
            files=_files(options.get("files")),
        )

    @property
    def scheme(self) -> str:
        """Of the URL that stations dial."""
        return "ws" if self.tls is None else "wss"


def _files(value: Any) -> tuple[str, int] | None:
    if value is None:
        return None
    try:
        host, port = listen_at(value)
    except ValueError:
        # Whatever is wrong with it, what is said below helps.
        host, port = "0.0.0.0", 0
    if host in ("0.0.0.0", "::"):
        raise ValueError(
            "`files` is HOST:PORT, where HOST is this machine's address, as a number, that stations can reach"
        )
    return host, port


def _stations(options: Mapping[str, Any], profile: int) -> tuple[StationFacts, ...]:
    given = [name for name in ("identity", "identities", "stations") if options.get(name) is not None]
    if len(given) > 1:
        raise ValueError(f"`{given[0]}` and `{given[1]}` exclude each other")
    listen, versions = listen_at(options.get("listen", "0.0.0.0:9000")), versions_option(options.get("versions"))
    # A case may want just this profile: how the station dials need not be said again under `charger`.
    charger = {"security_profile": profile, **_charger("charger", options.get("charger"))}
    if options.get("stations") is None:
        named = identities(options.get("identities")) or (identity_of("identity", options.get("identity", _IDENTITY)),)
        return tuple(StationFacts(identity, listen, versions, charger) for identity in named)
    stations = options["stations"]
    if not isinstance(stations, Mapping) or not stations:
        raise ValueError("`stations` maps an identity to what is particular to that station")
    found = []
    for identity, own in stations.items():
        where, own = f"stations.{identity}", own or {}
        unknown = sorted(set(own) - _STATION_OPTIONS) if isinstance(own, Mapping) else [own]
        if unknown:
            raise ValueError(f"`{where}` has {', '.join(sorted(_STATION_OPTIONS))}, not {unknown[0]}")
        found.append(
            StationFacts(
                identity_of("stations", identity),
                listen_at(own["listen"]) if "listen" in own else listen,
                versions_option(own["versions"]) if "versions" in own else versions,
                {**charger, **_charger(f"{where}.charger", own.get("charger"))},
            )
        )
    return tuple(found)


def _charger(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"`{name}` says what the station is, as given.charger does")
    if wrong := sorted(set(value) & _ARRANGED):
        raise ValueError(f"`{name}` says what the station is, and each case gives it its {wrong[0]}")
    try:
        ChargerConfig.from_given(value)
        if (value.get("authorization") or {}).get("validators"):
            raise ValueError("authorization.validators: nobody can script what judges tokens in a station")
    except ValueError as error:
        raise ValueError(f"`{name}`: {error}") from None
    return dict(value)


def _path(options: Mapping[str, Any]) -> str:
    path = text_of("path", options, "/ocpp")
    if set(path) & set("?#"):
        raise ValueError("`path` has no ? and no #: what follows them in a URL stands behind the identity")
    return "/" + path.strip("/")


def _interactive(options: Mapping[str, Any]) -> bool:
    value = options.get("interactive", False)
    if not isinstance(value, bool):
        raise ValueError(f"`interactive` is true or false, not {value!r}")
    return value


def _profile(value: Any) -> int:
    if isinstance(value, bool) or value not in (0, 1, 2, 3):
        raise ValueError(f"`security_profile` is 0, 1, 2 or 3, not {value!r}")
    return int(value)


def _refuse_wrong_means(profile: int, password: tuple[str | None, str] | None, options: Mapping[str, Any]) -> None:
    """A means that the profile does not use would be off without a word."""
    needs = {
        "basic_auth": profile in (1, 2),
        "cert": profile >= 2,
        "client_ca": profile == 3,
    }
    for name, wanted in {**needs, "key": profile >= 2}.items():
        has = password is not None if name == "basic_auth" else options.get(name) is not None
        if wanted and not has and name in needs:
            raise ValueError(f"security profile {profile} needs `{name}`")
        if has and not wanted:
            raise ValueError(f"`{name}` has no meaning in security profile {profile}; say `security_profile`")


def _allow(value: Any) -> frozenset[str]:
    listed = value if isinstance(value, list | tuple) else () if value is None else (value,)
    if wrong := [one for one in listed if one not in DISTURBANCES]:
        raise ValueError(f"`allow` lists some of {', '.join(DISTURBANCES)}, not {wrong[0]!r}")
    return frozenset(map(str, listed))


def _cards(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(_is_card(one) for one in value):
        raise ValueError("`cards` lists the real cards that can be presented; what each is, every scenario says")
    return tuple(dict.fromkeys(map(str, value)))


def _tokens(value: Any) -> Mapping[str, str]:
    if value is not None and (
        not isinstance(value, Mapping) or not all(_is_card(one) for pair in value.items() for one in pair)
    ):
        raise ValueError("`tokens` maps a scenario's cards to real ones")
    return {str(card): str(real) for card, real in (value or {}).items()}


def _is_card(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _server_files(options: Mapping[str, Any]) -> ServerFiles:
    files: dict[str, Any] = {name: options.get(name) for name in ("cert", "key", "client_ca")}
    for name, file in files.items():
        if file is not None and not (isinstance(file, str) and file):
            raise ValueError(f"`{name}` is the path of a file")
    found = ServerFiles(**files)
    # Made only so that a file that cannot be used is told before the run.
    found.context(lambda _: None)
    return found
