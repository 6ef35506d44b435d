"""The station's security: its profile, its password, its certificate, and what it writes down and tells of.

The security whitepaper of OCPP 1.6, 2.x A01 to A05.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.security.failures import event_of
from ocpplab_runner.charger.blocks.security.requests import COMBINED, STATION, V2G, CertificateRequests
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.events import (
    ClockSet,
    Connected,
    ConnectFailed,
    Disconnected,
    PoweredUp,
    Reconnected,
    Registered,
    WentDown,
)
from ocpplab_runner.charger.core.json_values import moment_in, moment_out
from ocpplab_runner.charger.core.kept_messages import KeptMessages
from ocpplab_runner.charger.core.model import BootReason, Outgoing
from ocpplab_runner.charger.core.services.security import CERTIFICATES, SECURITY
from ocpplab_runner.charger.core.services.station import LogEntry
from ocpplab_runner.charger.core.variables import Component, Variable
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.certificates import ORGANIZATION
from ocpplab_runner.vocabulary.security_events import SECURITY_EVENTS, wire_name

CSMS_ROOT = "CSMSRootCertificate"
#: A password: 2.x A00.FR.205, and edition 3 of the security whitepaper for 1.6.
_LONGEST_PASSWORD = 40
_PASSWORD = re.compile(rf"[A-Za-z0-9*\-_=:+|@.]{{16,{_LONGEST_PASSWORD}}}")
#: Entries of the security log.
_LOG_LENGTH = 1000
#: Characters of techInfo (SecurityEventNotificationRequest).
_INFO_LENGTH = 255
#: What a station that was given no security profile keeps to itself.
_EVERYDAY = frozenset({"StartupOfTheDevice", "ResetOrReboot", "SettingSystemTime"})
#: Attempts with a new profile before the station goes back to the one before.
_ATTEMPTS = 3


class SecurityBlock(Block):
    """Keeps the connection as safe as its profile says, and tells of what endangers it.

    Attributes:
        log: the security log.
    """

    sends = frozenset({"SecurityEventNotification", "SignCertificate"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.there = FEATURE in context.config.features
        self._log: deque[LogEntry] = deque(maxlen=_LOG_LENGTH)
        #: In order, and none is lost (2.x A04.FR.02).
        self._messages = KeptMessages(context, "SecurityEventNotification")
        #: The profile that it dials with.
        self._profile = context.config.profile
        #: Whether the CSMS hears of what happens every day: boots, and the clock that it has set itself.
        self._tells_all = context.config.security_profile is not None
        #: The one before, until a connection with the present one has been opened; and attempts that have failed.
        self._before: int | None = None
        self._failed = 0
        #: What the last attempt to connect has failed by.
        self._failure: tuple[str, str] | None = None
        self._requests = CertificateRequests(context, self.sign_request, self.granted)
        context.offer(SECURITY, self)

    # -- one version's words --------------------------------------------------------------------------------------

    def variables(self) -> Iterable[Variable]:
        """What all versions have; 2.x A01 and A05 say what may be written."""
        config = self.context.config
        yield Variable(
            name="basic_auth_password",
            type="string",
            default="" if config.basic_auth is None else config.basic_auth[1],
            key="AuthorizationKey",
            component=Component("SecurityCtrlr"),
            variable="BasicAuthPassword",
            mutability="WriteOnly",
            maximum=_LONGEST_PASSWORD,
            wrong=wrong_password,
            feature=FEATURE,
            changed=self.password_changed,
        )
        yield Variable(
            name="organization_name",
            type="string",
            default=ORGANIZATION,
            key="CpoName",
            component=Component("SecurityCtrlr"),
            variable="OrganizationName",
            mutability="ReadWrite",
            wrong=_wrong_organization,
            feature=FEATURE,
            changed=lambda: self._reconfigured("the name of the owner"),
        )
        yield Variable(
            name="max_certificate_chain_size",
            type="integer",
            default="10000",
            key="CertificateSignedMaxChainSize",
            component=Component("SecurityCtrlr"),
            variable="MaxCertificateChainSize",
            maximum=10000,
            feature=FEATURE,
        )
        for name, variable, value, unit in (
            ("cert_signing_wait_minimum", "CertSigningWaitMinimum", "30", "s"),
            ("cert_signing_repeat_times", "CertSigningRepeatTimes", "3", None),
        ):
            yield Variable(
                name=name,
                type="integer",
                default=value,
                key=variable,
                component=Component("SecurityCtrlr"),
                variable=variable,
                mutability="ReadWrite",
                unit=unit,
                minimum=0,
                feature=FEATURE,
            )

    def sign_request(self, kind: str, csr: str) -> Outgoing:
        """SignCertificate."""
        raise NotImplementedError

    def granted(self, kind: str, answer: Mapping[str, Any]) -> bool:
        """Whether that answer says that the CSMS is going to sign."""
        return bool(answer["status"] == "Accepted")

    # -- the security log -----------------------------------------------------------------------------------------

    @property
    def log(self) -> Sequence[LogEntry]:
        """The security log, the oldest entry first."""
        return tuple(self._log)

    def happened(self, event: str, info: str = "") -> None:
        """Write it down, and tell the CSMS of what is critical (A04)."""
        if not self.there:
            return
        entry = LogEntry(self.context.time.now(), event, info[:_INFO_LENGTH])
        self._log.append(entry)
        known = SECURITY_EVENTS.get(event)
        if event in _EVERYDAY and not self._tells_all:
            return
        # An event of the vendor's own is told: the list of 2.x is not complete (A04).
        if known is None or known.told:
            payload = {"type": wire_name(event, self.context.version), "timestamp": clock.timestamp(entry.at)}
            self._messages.put({**payload, "techInfo": entry.info} if entry.info else payload)

    def clear_log(self) -> None:
        """Empty it; that this was done is its first entry."""
        self._log.clear()
        self.happened("SecurityLogWasCleared")

    @hears(PoweredUp)
    def powered_up(self, event: PoweredUp) -> None:
        """It has booted."""
        if event.reason is BootReason.POWER_UP:
            self.happened("StartupOfTheDevice")
        else:
            self.happened("ResetOrReboot", event.reason.value)

    @hears(ClockSet)
    def clock_set(self, _: ClockSet) -> None:
        """The CSMS has set the station's clock."""
        self.happened("SettingSystemTime")

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """The CSMS can be told now."""
        self._messages.flush()
        self._requests.send_lost()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """The CSMS can be told again."""
        self._messages.flush()
        self._requests.send_lost()

    @hears(Disconnected)
    def disconnected(self, _: Disconnected) -> None:
        """What was under way has to go again."""
        self._messages.disconnected()
        self._requests.disconnected()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing goes out, and no certificate is waited for."""
        self.stop()
        self._requests.forget()

    def stop(self) -> None:
        """Begin nothing more by itself."""
        super().stop()
        self._messages.stop()
        self._requests.stop()

    # -- the connection -------------------------------------------------------------------------------------------

    @property
    def profile(self) -> int:
        """The security profile that it uses."""
        return self._profile

    def dial(self) -> Dial:
        """What the next connection is opened with."""
        password = (self.context.variables.text("basic_auth_password") or None) if self._sends_password else None
        if self._profile < 2:
            return Dial(self._profile, self.url, password)
        # Imported only here: cryptography takes long to import, and most stations do without TLS.
        from ocpplab_runner.certificates.mint import key_pem, pem_of

        certificates = self.context.ask(CERTIFICATES)
        roots = tuple(pem_of(one) for one in certificates.csms_roots())
        own = certificates.own(STATION) if self._profile == 3 else None
        if own is None:
            return Dial(self._profile, self.url, password, roots)
        chain = "".join(pem_of(one) for one in own.chain)
        return Dial(self._profile, self.url, password, roots, chain, key_pem(own.key))

    @property
    def url(self) -> str | None:
        """Where it was told to dial; None for where it was made to."""
        return None

    @property
    def _sends_password(self) -> bool:
        """Profiles 1 and 2; and who was given none shows everything that it has."""
        return self._profile in (1, 2) or not self._tells_all

    def wrong_profile(self, text: str, password: str = "") -> str | None:
        """Why the station cannot change to a profile, as the end of a sentence (A05.FR.02 to A05.FR.04).

        Args:
            text: which.
            password: that comes with it.
        """
        wanted = int(text)
        if wanted > 3:
            return "is 0 to 3"
        if wanted < self._profile:
            return f"is {self._profile}, and is not lowered by OCPP"
        if wanted == self._profile:
            return None
        if wanted in (1, 2) and not password and not self.context.variables.text("basic_auth_password"):
            return "needs a password, and none is set"
        certificates = self.context.ask(CERTIFICATES)
        if wanted >= 2 and not certificates.roots(CSMS_ROOT):
            return f"{wanted} needs the root certificate of the CSMS, and none is installed"
        if wanted == 3 and certificates.own(STATION) is None:
            return "3 needs a certificate of the station's own, and it has none"
        return None

    def use_profile(self, wanted: int) -> None:
        """Dial with another profile from the next connection on."""
        if wanted != self._profile:
            self._profile = wanted
            self._reconfigured(f"the security profile: {wanted}")

    def change_profile(self, wanted: int) -> None:
        """Dial with another profile from now on; with the one before when that does not work (A05)."""
        if wanted == self._profile:
            return
        self._before, self._failed = self._profile, 0
        self.use_profile(wanted)
        self.redial("the security profile has changed")

    def redial(self, reason: str) -> None:
        """Connect anew, once what is being answered has been answered."""
        self._timers.start("redial", 0, lambda: self.context.connection.renew(reason))

    @hears(Connected)
    def connected(self, _: Connected) -> None:
        """What is new has worked."""
        self._before, self._failed, self._failure = None, 0, None

    @hears(ConnectFailed)
    def connect_failed(self, event: ConnectFailed) -> None:
        """Write it down, once for all attempts that fail alike; give up a new profile that reaches nothing."""
        known = event_of(event.error)
        if known is not None and known != self._failure:
            self.happened(*known)
        self._failure = known
        if self._before is None:
            return
        self._failed += 1
        if self._failed >= _ATTEMPTS:
            self._profile, self._before = self._before, None
            self.fell_back()
            self._reconfigured(f"the security profile: {self._profile} again")

    def fell_back(self) -> None:
        """The profile is the one before again."""

    def password_changed(self) -> None:
        """It is dialled with from now on."""
        self._reconfigured("the password")
        if self._profile in (1, 2):
            self.redial("the password has changed")

    def _reconfigured(self, what: str) -> None:
        if self.context.powered:  # before that it is how the station was made
            self.happened("ReconfigurationOfSecurityParameters", what)

    # -- a certificate of its own ---------------------------------------------------------------------------------

    def request_certificate(self, kind: str = STATION) -> HandlerResult:
        """Ask the CSMS to sign a new one, once a trigger for it has been answered (A02, A03)."""
        if not self.there:
            return {"status": "NotImplemented"}
        return Reply({"status": "Accepted"}, then=lambda: self._requests.ask(kind))

    def certificate_signed(self, pem: str, kind: str) -> HandlerResult:
        """Take a signed certificate; one that is no good is refused, and told of (A02.FR.06, A03.FR.06)."""
        wrong, chain = self._requests.judged(pem, kind)
        if wrong is not None:
            told = f"the certificate {wrong}"
            return Reply({"status": "Rejected"}, then=lambda: self.happened("InvalidChargingStationCertificate", told))
        own = self._requests.met(kind, chain)

        def take() -> None:
            for purpose in (STATION, V2G) if kind == COMBINED else (kind,):
                self.context.ask(CERTIFICATES).keep(purpose, own)
            self._reconfigured(kind)
            if self._profile == 3 and kind in (STATION, COMBINED):
                self.redial("the certificate has changed")

        return Reply({"status": "Accepted"}, then=take)

    @property
    def awaited(self) -> frozenset[str]:
        """What certificates have been asked for, and not come yet."""
        return self._requests.awaited

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """The log, what is not told yet, and the profile."""
        if not self.there:
            return {}
        log = [[moment_out(entry.at), entry.event, entry.info] for entry in self._log]
        return {"security": {"log": log, "waiting": list(self._messages.waiting), "profile": self._profile}}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take that over again."""
        known = memory.get("security")
        if known is None:
            return
        for at, event, info in known["log"]:
            moment = moment_in(at)
            assert moment is not None
            self._log.append(LogEntry(moment, event, info))
        self._messages.waiting.extend(known["waiting"])
        self._profile = known["profile"]


def wrong_password(text: str) -> str | None:
    """What is wrong with a password, as the end of a sentence; None where nothing is."""
    if _PASSWORD.fullmatch(text):
        return None
    return "takes 16 to 40 characters: letters, digits and *-_=:+|@."


def _wrong_organization(text: str) -> str | None:
    return None if 1 <= len(text) <= 64 else "takes 1 to 64 characters, as a certificate does"
