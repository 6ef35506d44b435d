"""Certificates of the station's own: asked of the CSMS, and judged when they come (2.x A02 and A03)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.security import CERTIFICATES, Own
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ocpplab_runner.certificates.mint import Key, Mint

STATION, V2G = "ChargingStationCertificate", "V2GCertificate"
#: One certificate for both: 2.x has no word for it, and leaves it out.
COMBINED = "combined"
#: By which roots a certificate is judged, and as whose.
_ROOTS = {V2G: "V2GRootCertificate"}


class CertificateRequests:
    """Asks, waits, and asks again.

    Args:
        context: of the station.
        request: the call that asks for a certificate of a kind, with a request in PEM.
        granted: whether the answer to it says that the certificate will come.
    """

    def __init__(
        self,
        context: Context,
        request: Callable[[str, str], Outgoing],
        granted: Callable[[str, Mapping[str, Any]], bool],
    ) -> None:
        self._context, self._request, self._granted = context, request, granted
        self._keys: dict[str, Key] = {}
        #: By kind, the key and how often it was sent before: what the CSMS has not answered yet, and what was lost
        #: with the connection.
        self._under_way: dict[str, tuple[Key, int]] = {}
        self._lost: dict[str, tuple[Key, int]] = {}
        self._timers = Timers()

    @property
    def awaited(self) -> frozenset[str]:
        """What has been asked for, and not come yet."""
        return frozenset(self._keys)

    def ask(self, kind: str) -> None:
        """Make a key, and send a request with it."""
        key = self._keys[kind] = self._mint().key()
        self._send(kind, key, 0)

    def _mint(self) -> Mint:
        from ocpplab_runner.certificates.mint import Mint

        return Mint(self._context.variables.text("organization_name"))

    def _send(self, kind: str, key: Key, repeated: int) -> None:
        def given_up() -> None:
            self._under_way.pop(kind, None)
            # Another request may have been made since, with a key of its own.
            if self._keys.get(kind) is key:
                del self._keys[kind]
            self._context.note(f"the CSMS signs no {kind}")

        def answered(answer: Mapping[str, Any]) -> None:
            # One that is refused is not asked for again.
            if not self._granted(kind, answer):
                given_up()
                return
            self._under_way.pop(kind, None)
            if self._keys.get(kind) is key:
                self._wait(kind, key, repeated)

        # The certificate may come together with the answer: the key is known before.
        request = self._mint().request(key, self._context.config.identity)
        if self._context.post(self._request(kind, request), answered, given_up):
            self._under_way[kind] = key, repeated
        else:
            self._lost[kind] = key, repeated

    def disconnected(self) -> None:
        """What was not answered has to go again."""
        self._lost |= self._under_way
        self._under_way.clear()

    def send_lost(self) -> None:
        """There is a connection again; nobody has refused what was lost without one."""
        lost, self._lost = self._lost, {}
        for kind, (key, repeated) in lost.items():
            if self._keys.get(kind) is key:
                self._send(kind, key, repeated)

    def _wait(self, kind: str, key: Key, repeated: int) -> None:
        """Ask again, each time after twice as long (A02.FR.17 to A02.FR.19); 1.6 does so for the one for EVs only."""
        variables = self._context.variables
        if kind != V2G and self._context.version is OcppVersion.V16:
            return
        pause = variables.integer("cert_signing_wait_minimum") * 2**repeated
        if repeated < variables.integer("cert_signing_repeat_times"):
            self._timers.start(kind, pause, lambda: self._send(kind, key, repeated + 1))

    def judged(self, pem: str, kind: str) -> tuple[str | None, Sequence[Certificate]]:
        """Why a certificate is no good, as the end of a sentence; and its chain."""
        from ocpplab_runner.certificates.judging import wrong_chain
        from ocpplab_runner.certificates.reading import chain_in, common_name

        most = self._context.variables.integer("max_certificate_chain_size")
        if len(pem) > most:
            return f"has {len(pem)} characters, and {most} may be", ()
        try:
            chain = chain_in(pem)
        except ValueError:
            return "cannot be read", ()
        key = self._keys.get(kind)
        if key is None:
            return "was not asked for", chain
        if chain[0].public_key() != key.public_key():
            return "is for another key", chain
        if common_name(chain[0].subject) != self._context.config.identity:
            return f"is for another than {self._context.config.identity}", chain
        roots = self._context.ask(CERTIFICATES).roots(_ROOTS.get(kind, "CSMSRootCertificate"))
        # To the CSMS the station is a TLS client, to EVs it is none.
        return wrong_chain(chain, roots, self._context.time.now(), None if kind == V2G else "client"), chain

    def met(self, kind: str, chain: Sequence[Certificate]) -> Own:
        """A good one has come: with its key it is the station's own."""
        self._timers.stop(kind)
        return Own(tuple(chain), self._keys.pop(kind))

    def stop(self) -> None:
        """Ask for nothing again."""
        self._timers.stop_all()

    def forget(self) -> None:
        """Nothing was asked for."""
        self.stop()
        self._keys.clear()
        self._lost.clear()
        self._under_way.clear()
