"""The target ``csms``: simulated chargers against a CSMS that somebody else runs, on the real clock."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.plugin.target import (
    BlockedError,
    Capabilities,
    Outcome,
    SentCall,
    Stage,
    StageRequest,
)
from ocpplab_runner.scenario.durations import parse_duration
from ocpplab_runner.targets.capabilities import foreign_csms_capabilities
from ocpplab_runner.targets.charger_host import ChargerHost
from ocpplab_runner.targets.stage import ChargerStage, charger_configs, own_random
from ocpplab_runner.targets.states import booted, reach
from ocpplab_runner.targets.token_map import TokenMap

#: Seconds that each stage of a state's recipe may take.
_LIMIT = 30.0
#: Seconds in which an open transaction must be closed, and what it still has to say be delivered.
_CLOSING = 5.0
_CLOSING_POLL = 0.05
#: What ``given.csms`` may say of a foreign CSMS: facts about its cards, which its operators see to.
_TAKEN_ON_TRUST = frozenset({"id_tokens", "unknown_id_token", "concurrent_tx"})
_OPTIONS = frozenset({"url", "identities", "basic_auth", "ca", "verify", "tokens", "within"})


@dataclass(frozen=True, slots=True)
class CsmsTargetOptions:
    """How to reach the CSMS under test.

    Attributes:
        url: ``ws://`` or ``wss://``, without the identity.
        identities: charger identities that the CSMS knows, lent to cases; empty: the scenario's own are used.
        basic_auth: user (None: the identity) and password.
        ca: a file of certificates to trust besides the system's.
        verify: False accepts any certificate.
        tokens: a scenario's card → the real one.
        within: seconds that an expectation waits when it does not say.
    """

    url: str
    identities: tuple[str, ...] = ()
    basic_auth: tuple[str | None, str] | None = None
    ca: str | None = None
    verify: bool = True
    tokens: Mapping[str, str] = field(default_factory=dict)
    within: float = 30.0

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any]) -> CsmsTargetOptions:
        """From the command line or ``ocpplab.yaml``.

        Raises:
            ValueError: an option is unknown, missing or wrong.
        """
        unknown = sorted(set(options) - _OPTIONS)
        if unknown:
            raise ValueError(f"a csms target has no option {', '.join(unknown)}")
        url = options.get("url")
        if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
            raise ValueError(f"a csms target needs a ws:// or wss:// URL, not {url!r}")
        identities = options.get("identities") or ()
        if isinstance(identities, str):
            identities = [one.strip() for one in identities.split(",") if one.strip()]
        tokens = options.get("tokens") or {}
        if not isinstance(tokens, Mapping):
            raise ValueError("`tokens` maps a scenario's card to the real one")
        within = options.get("within", 30.0)
        return cls(
            url=url,
            identities=tuple(map(str, identities)),
            basic_auth=_credentials(options.get("basic_auth")),
            ca=options.get("ca"),
            verify=bool(options.get("verify", True)),
            tokens={str(card): str(real) for card, real in tokens.items()},
            within=parse_duration(within) if isinstance(within, str) else float(within),
        )

    def ssl_context(self) -> tls.SSLContext | None:
        """For ``wss://``; None for ``ws://``.

        Raises:
            ValueError: the file of certificates cannot be read.
        """
        if not self.url.startswith("wss://"):
            return None
        context = tls.create_default_context()
        if self.ca is not None:
            try:
                context.load_verify_locations(self.ca)
            except (OSError, tls.SSLError) as error:
                raise ValueError(f"{self.ca}: {error}") from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = tls.CERT_NONE
        return context


def _credentials(value: Any) -> tuple[str | None, str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        user, colon, password = value.partition(":")
        return (user, password) if colon else (None, user)
    if isinstance(value, Mapping) and "password" in value:
        return value.get("user"), str(value["password"])
    raise ValueError("`basic_auth` is user:password, a password alone, or a mapping with `password`")


class CsmsTarget:
    """Our chargers, their CSMS.

    Args:
        name: as chosen on the command line.
        options: how to reach the CSMS.
    """

    def __init__(self, name: str, options: CsmsTargetOptions) -> None:
        self._name = name
        self._options = options
        self._ssl = options.ssl_context()
        self._identities = options.identities
        self._tokens = TokenMap(options.tokens)
        self._capabilities = foreign_csms_capabilities(default_within=options.within)

    @property
    def name(self) -> str:
        """As chosen on the command line."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """Everything that a charger can do and see."""
        return self._capabilities

    @property
    def max_workers(self) -> int:
        """As many as there are identities; one when the scenarios' own are used, which may be the same."""
        return max(1, len(self._options.identities))

    def take_share(self, worker: int, of: int) -> None:
        """From now on lend only this worker's identities."""
        self._identities = self._options.identities[worker::of]

    async def set_up(self, request: StageRequest) -> Stage:
        """Connect the chargers and bring the first into the given state.

        Raises:
            BlockedError: ``given.csms`` asks for what only its operators can arrange, or there are too few identities.
            InfrastructureError: the CSMS cannot be reached, or the state was not.
        """
        self._refuse_csms_data(request)
        configs = charger_configs(replace(request, chargers=self._tokens.outwards(request.chargers)))
        if self._options.identities:
            if len(configs) > len(self._identities):
                raise BlockedError(
                    f"it needs {len(configs)} charger identities, and this worker has {len(self._identities)} to lend"
                )
            configs = {
                name: replace(config, identity=identity)
                for (name, config), identity in zip(configs.items(), self._identities, strict=False)
            }
        record = self._tokens.recorder(request.record)
        hosts = {}
        for name, config in configs.items():
            credentials = self._options.basic_auth
            hosts[name] = ChargerHost(
                name,
                config,
                version=request.version,
                url=self._options.url,
                record=record,
                random=own_random(request),
                ssl=self._ssl,
                basic_auth=None if credentials is None else (credentials[0] or config.identity, credentials[1]),
            )
        stage = _CsmsStage(hosts, self._tokens)
        state, fields = request.state or ("booted", {})
        first, *others = hosts.values()
        try:
            await reach(first, state, self._tokens.outwards(fields), operate=None, limit=_LIMIT)
            for other in others:
                await booted(other, _LIMIT)
        except BaseException:
            await stage.close()
            raise
        return stage

    def _refuse_csms_data(self, request: StageRequest) -> None:
        for key, value in request.csms.items():
            if key not in _TAKEN_ON_TRUST and (key, value) != ("boot", "Accepted"):
                raise BlockedError(f"given.csms.{key} cannot be arranged: the CSMS is not ours")


class _CsmsStage(ChargerStage):
    def __init__(self, hosts: Mapping[str, ChargerHost], tokens: TokenMap) -> None:
        super().__init__(hosts)
        self._tokens = tokens

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a charger or world command, with the real cards."""
        if command == "update_id_tokens":
            raise BlockedError("what the CSMS knows of cards cannot be changed: it is not ours")
        return await super().perform(charger, command, self._tokens.outwards(fields), raw=raw)

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Raises BlockedError: the CSMS is not ours."""
        raise BlockedError(f"the CSMS is not ours; only it can {operation}")

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Raises BlockedError: the CSMS is not ours."""
        raise BlockedError(f"the CSMS is not ours; only it can send {action}")

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> None:
        """Raises BlockedError: the CSMS is not ours."""
        raise BlockedError("the CSMS is not ours; its answers cannot be programmed")

    async def close(self) -> Sequence[str]:
        """End what still charges, deliver what waits, switch off."""
        complaints: list[str] = []
        for name, host in self.hosts.items():
            left = await _wind_up(host)
            if left:
                complaints.append(f"charger {name}: {left}")
        return [*complaints, *await super().close()]


async def _wind_up(host: ChargerHost) -> str:
    """Leave no transaction open at the CSMS; returns what could not be done."""
    charger = host.charger
    running = [evse["evse_id"] for evse in charger.snapshot()["evses"] if evse["transaction"] is not None]
    if not charger.powered or (not running and not charger.snapshot()["queued_messages"]):
        return ""
    if not charger.connected:
        await host.perform("network", {"state": "up"})
    for evse_id in running:
        await host.perform("stop_transaction", {"evse_id": evse_id})
    deadline = clock.now() + _CLOSING
    while charger.snapshot()["queued_messages"]:
        if clock.now() >= deadline:
            return f"{charger.snapshot()['queued_messages']} transaction messages could not be delivered"
        await asyncio.sleep(_CLOSING_POLL)
    return ""
