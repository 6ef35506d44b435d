"""A real broker: what crosses it, and what happens when it goes, comes back, and wants a password or a certificate."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest

from ocpplab_runner import clock
from ocpplab_runner.authorization.codec import from_json, to_json
from ocpplab_runner.everest.broker import Broker, BrokerError, Bus
from ocpplab_runner.everest.topics import Topics
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from tests.authorization.generation import RECORDS, SHAPES, kind_of, value
from tests.authorization.test_json_schema import EXAMPLES
from tests.everest.kit import MosquittoBroker, broker, needs_mosquitto, with_passwords, with_tls
from tests.thoroughness import examples

pytestmark = needs_mosquitto
_TOPICS = Topics("x_")


def _on(bus: Bus, act: Callable[[Bus], Awaitable[Any]], limit: float = 5.0) -> Any:
    async def main() -> Any:
        await bus.open(limit)
        try:
            return await act(bus)
        finally:
            await bus.close()

    return clock.run(main(), virtual=False)


def _bus(mosquitto: MosquittoBroker, **options: Any) -> Bus:
    return Bus(Broker.from_url(mosquitto.url.replace("mqtt://", options.pop("login", "mqtt://")), **options))


@pytest.mark.parametrize("name", RECORDS)
def test_every_type_comes_back_as_it_was_sent(name: str, tmp_path: Path) -> None:
    """Any value of it, over the broker."""
    random, kind = Random(name), kind_of(name)
    values = [value(random, SHAPES[name]) for _ in range(examples(1000))]
    sent = [*map(to_json, values), *(data for shown, data in EXAMPLES if shown == name)]

    async def act(bus: Bus) -> list[bytes]:
        came: list[bytes] = []
        full = asyncio.Event()

        def hear(said: bytes, kept: bool) -> None:
            came.append(said)
            if len(came) == len(sent):
                full.set()

        await bus.listen("x_there", hear)
        for one in sent:
            await bus.publish("x_there", one)
        async with asyncio.timeout(30):
            await full.wait()
        return came

    with broker(place=tmp_path) as mosquitto:
        came = [json.loads(one) for one in _on(_bus(mosquitto), act)]
    assert came == sent
    assert [from_json(kind, one).value for one in came[: len(values)]] == values


def test_a_request_has_its_own_answer(tmp_path: Path) -> None:
    """Each at a topic of its own, with the prefix that the payload does not have."""

    async def act(bus: Bus) -> list[Any]:
        def answer(said: bytes, kept: bool) -> None:
            asked = json.loads(said)
            reply = f"x_{asked['headers']['replyTo']}"
            task = asyncio.ensure_future(bus.publish(reply, asked["payload"] * 2))
            tasks.append(task)

        tasks: list[Any] = []
        await bus.listen("x_q", answer)
        return list(await asyncio.gather(*(bus.ask(_TOPICS, "x_q", number, 5.0) for number in range(5))))

    with broker(place=tmp_path) as mosquitto:
        assert _on(_bus(mosquitto), act) == [0, 2, 4, 6, 8]


def test_nobody_answers(tmp_path: Path) -> None:
    """Within the limit, with the topic."""
    with broker(place=tmp_path) as mosquitto, pytest.raises(BrokerError, match=r"nobody answers on x_q within 0\.2 s"):
        _on(_bus(mosquitto), lambda bus: bus.ask(_TOPICS, "x_q", {}, 0.2))


def test_a_broker_that_goes_and_comes_back(tmp_path: Path) -> None:
    """While it is away nothing can be said; afterwards everything is heard as before, and the gap is known."""

    async def act(bus: Bus) -> None:
        came: asyncio.Queue[bytes] = asyncio.Queue()
        await bus.listen("x_there", lambda said, kept: came.put_nowait(said))
        await bus.publish("x_there", 1)
        assert await came.get() == b"1"
        began = clock.now()
        mosquitto.stop()
        async with asyncio.timeout(10):
            while not bus.gaps:
                await asyncio.sleep(0.02)
        with pytest.raises(BrokerError, match="has gone"):
            await bus.publish("x_there", 2)
        mosquitto.start()
        async with asyncio.timeout(10):
            while bus.gaps[-1][1] is None:
                await asyncio.sleep(0.02)
        await bus.publish("x_there", 3)
        assert await came.get() == b"3"
        assert bus.was_away(began, clock.now())
        assert not bus.was_away(clock.now(), clock.now())
        assert not bus.was_away(0.0, began - 1)

    with broker(place=tmp_path) as mosquitto:
        _on(_bus(mosquitto), act)


def test_a_broker_that_is_not_there() -> None:
    """Told without waiting for ever."""
    bus = Bus(Broker.from_url("mqtt://user:geheim@127.0.0.1:9"))
    with pytest.raises(BrokerError, match=r"mqtt://127\.0\.0\.1:9 cannot be reached") as error:
        _on(bus, lambda bus: bus.publish("x", 1), limit=0.5)
    assert "geheim" not in str(error.value)


def test_a_listener_that_breaks_is_told_on_leaving(tmp_path: Path) -> None:
    """Nothing was heard from then on, which nobody may take for silence."""

    async def act(bus: Bus) -> None:
        broken = asyncio.Event()

        def hear(said: bytes, kept: bool) -> None:
            broken.set()
            raise ZeroDivisionError(said.decode())

        await bus.listen("x_there", hear)
        await bus.publish("x_there", 1)
        async with asyncio.timeout(10):
            await broken.wait()
        await asyncio.sleep(0)

    with broker(place=tmp_path) as mosquitto, pytest.raises(ZeroDivisionError, match="1"):
        _on(_bus(mosquitto), act)


def test_leaving_at_the_moment_of_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client may say that it was refused although it has been cancelled: it is not tried again for ever."""
    losing = True

    class Client:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        async def __aenter__(self) -> None:
            nonlocal losing
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if losing:
                    losing = False
                    raise aiomqtt.MqttError("refused") from None
                raise

        async def __aexit__(self, *_: object) -> None: ...

    monkeypatch.setattr(aiomqtt, "Client", Client)
    bus = Bus(Broker.from_url("mqtt://127.0.0.1:9"))

    async def main() -> None:
        with pytest.raises(BrokerError, match="refused"):
            await bus.open(0.5)

    clock.run(main())
    assert not losing


@pytest.mark.parametrize(
    ("login", "problem"),
    [
        ("mqtt://qa:s3cret@", None),
        ("mqtt://qa:wrong@", "refuses this user with this password"),
        ("mqtt://", "lets nobody in without a user and a password"),
    ],
)
def test_a_broker_with_passwords(login: str, problem: str | None, tmp_path: Path) -> None:
    """Only the right one lets in; none is told."""
    with broker(with_passwords(tmp_path, qa="s3cret"), place=tmp_path) as mosquitto:
        bus = _bus(mosquitto, login=login)
        if problem is None:
            _on(bus, lambda bus: bus.publish("x", 1))
            return
        with pytest.raises(BrokerError, match=problem) as error:
            _on(bus, lambda bus: bus.publish("x", 1), limit=2.0)
        assert "wrong" not in str(error.value)


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, wrong ones too."""
    directory = tmp_path_factory.mktemp("certs")
    make_certificates(directory, Wanted(hosts=("127.0.0.1",), wrong=True), clock.wall_now())
    return directory


def _pair(certs: Path, name: str) -> dict[str, str]:
    return {"cert": str(certs / f"{name}.pem"), "key": str(certs / f"{name}.key")}


#: paho-mqtt leaves the socket of a handshake that has failed to the garbage collector.
_leaves_sockets = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
#: The broker's certificate, whether it wants ours, ours, and what is told; None where all is right.
_TLS: list[tuple[str, bool, str | None, str | None]] = [
    ("csms", False, None, None),
    ("csms", True, "station-CP-1", None),
    ("wrong/csms-other", False, None, "leads to no CA that is trusted"),
    ("wrong/csms-expired", False, None, "has expired"),
    ("wrong/csms-not-yet-valid", False, None, "is not valid yet"),
    ("wrong/csms-host", False, None, "is for another host"),
    ("csms", True, None, "asks for a certificate, and was shown none"),
    ("csms", True, "wrong/station-CP-1-other", "does not trust the CA of the certificate"),
    ("csms", True, "wrong/station-CP-1-expired", "certificate that it was shown has expired"),
]


@_leaves_sockets
@pytest.mark.parametrize(("shown", "asks", "own", "problem"), _TLS)
def test_a_broker_with_tls(
    shown: str, asks: bool, own: str | None, problem: str | None, certs: Path, tmp_path: Path
) -> None:
    """Whatever is wrong with a certificate is told as such."""
    files = {"ca": str(certs / "ca.pem"), **({} if own is None else _pair(certs, own))}
    with broker(with_tls(certs, shown, client_ca=asks), place=tmp_path) as mosquitto:
        bus = _bus(mosquitto, login="mqtts://", **files)
        if problem is None:
            _on(bus, lambda bus: bus.publish("x", 1))
            return
        with pytest.raises(BrokerError, match=problem):
            _on(bus, lambda bus: bus.publish("x", 1), limit=1.0)


@_leaves_sockets
def test_tls_where_there_is_none_and_none_where_there_is(certs: Path, tmp_path: Path) -> None:
    """The other scheme is named."""
    with broker(place=tmp_path) as plain, pytest.raises(BrokerError, match="there may be mqtt:// only"):
        _on(_bus(plain, login="mqtts://", ca=str(certs / "ca.pem")), lambda bus: bus.publish("x", 1), limit=1.0)
    with (
        broker(with_tls(certs), place=tmp_path) as secure,
        pytest.raises(BrokerError, match="there may be mqtts:// only"),
    ):
        _on(_bus(secure), lambda bus: bus.publish("x", 1), limit=1.0)


def test_whoever_overhears_hears_the_topic(tmp_path: Path) -> None:
    """Of everything below a pattern."""

    async def act(bus: Bus) -> tuple[str, bytes, bool]:
        heard: asyncio.Queue[tuple[str, bytes, bool]] = asyncio.Queue()
        await bus.overhear("x/#", lambda *message: heard.put_nowait(message))
        await bus.publish("y", 1)
        await bus.publish("x/a/b", 2)
        async with asyncio.timeout(10):
            return await heard.get()

    with broker(place=tmp_path) as mosquitto:
        assert _on(_bus(mosquitto), act) == ("x/a/b", b"2", False)


@pytest.mark.parametrize(
    ("url", "options", "problem"),
    [
        ("http://host", {}, "`broker` is mqtt://"),
        ("mqtt://", {}, "`broker` is mqtt://"),
        ("mqtt://host:port", {}, "`broker` is mqtt://"),
        ("mqtt://u:geheim@host/x", {}, "`broker` is mqtt://"),
        ("mqtt://host", {"ca": "x"}, "`ca` has no meaning without TLS"),
        ("mqtts://host", {"key": "x"}, "`key` needs `cert`"),
        ("mqtts://host", {"ca": "/nowhere"}, "/nowhere"),
    ],
)
def test_a_url_that_is_none(url: str, options: dict[str, str], problem: str) -> None:
    """Refused with what would be right, and without the password."""
    with pytest.raises(ValueError, match=problem) as error:
        Broker.from_url(url, **options)
    assert "geheim" not in str(error.value)
