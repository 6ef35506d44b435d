"""HTTP to a Gateway: what is sent again, what never is, and errors that say enough and not too much."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.client.errors import (
    ForbiddenError,
    GatewayError,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotTheApiError,
    RateLimitedError,
    RefusedError,
    ServerTroubleError,
    UnauthorizedError,
    UnreachableError,
)
from ocpplab_runner.gateway.client.http import MAX_BODY, GatewayHttp, HttpAnswer, HttpRequest

TOKEN = "very-secret-token"
COMMAND = HttpRequest("POST", "/ocpp/commands/plug-connector", {"target": {}, "event": {}})
READ = HttpRequest("GET", "/ocpp/chargers", repeatable=True)
Handler = Callable[[httpx.Request], httpx.Response]


def ask(
    handler: Handler, request: HttpRequest, *, base: str = "http://gateway.test", **options: Any
) -> tuple[HttpAnswer | GatewayError, list[float]]:
    """The answer or the error, and the times of all attempts."""
    times: list[float] = []

    def heard(sent: httpx.Request) -> httpx.Response:
        times.append(clock.now())
        return handler(sent)

    async def main() -> HttpAnswer | GatewayError:
        http = GatewayHttp(base, TOKEN, transport=httpx.MockTransport(heard), **options)
        try:
            return await http.send(request)
        except GatewayError as error:
            return error
        finally:
            await http.aclose()

    return clock.run(main()), times


def answering(status: int, body: Any = None, **headers: str) -> Handler:
    """Always the same answer."""
    return lambda _: httpx.Response(status, json=body, headers=headers)


VALIDATION = {"detail": [{"loc": ["body", "event", "id_tag"], "msg": "Field required", "type": "missing"}]}


@pytest.mark.parametrize(
    ("status", "body", "kind", "reached", "told"),
    [
        (400, {"detail": "no such key"}, RefusedError, True, "HTTP 400: no such key"),
        (401, {"detail": "expired"}, UnauthorizedError, False, "token is missing, invalid or has expired: expired"),
        (403, {"detail": "no tenant"}, ForbiddenError, False, "no tenant"),
        (404, {"detail": "no charger"}, NotFoundError, True, "no such object for this tenant: no charger"),
        (422, VALIDATION, InvalidRequestError, True, "body.event.id_tag: Field required"),
        (429, {"detail": "slow down"}, RateLimitedError, False, "too many requests: slow down"),
        (500, {"detail": "oh"}, ServerTroubleError, False, "HTTP 500: oh"),
        (503, None, ServerTroubleError, False, "HTTP 503"),
        (418, {"detail": "teapot"}, NotTheApiError, False, "HTTP 418: teapot"),
    ],
)
def test_each_status_has_its_error(status: int, body: Any, kind: type[GatewayError], reached: bool, told: str) -> None:
    """The error names the request and what was said, and whether the Gateway understood."""
    error, times = ask(answering(status, body), COMMAND)
    assert isinstance(error, kind)
    assert (error.reached, error.status) == (reached, status)
    assert str(error).startswith("POST /ocpp/commands/plug-connector: ")
    assert told in str(error)
    assert len(times) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 422, 500])
def test_no_error_shows_the_token(status: int) -> None:
    """Also not where the Gateway sends back what it got."""

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"detail": f"bad header {request.headers['Authorization']}"})

    error, _ = ask(echo, COMMAND)
    assert TOKEN not in str(error)
    assert "***" in str(error)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_commands_are_sent_once(status: int) -> None:
    """A plug that is sent twice is two plugs."""
    _, times = ask(answering(status), COMMAND)
    assert len(times) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_reads_are_repeated_with_growing_pauses(status: int) -> None:
    """And given up after a while."""
    error, times = ask(answering(status), READ)
    assert isinstance(error, GatewayError)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_a_read_may_succeed_late() -> None:
    """What was trouble for a moment is none."""
    statuses = iter([503, 429, 200])
    answer, times = ask(lambda _: httpx.Response(next(statuses), json={"data": []}), READ)
    assert isinstance(answer, HttpAnswer)
    assert len(times) == 3


def test_the_gateway_may_ask_for_patience() -> None:
    """Retry-After is kept to."""
    statuses = iter([429, 200])
    _, times = ask(lambda _: httpx.Response(next(statuses), json={}, headers={"Retry-After": "7"}), READ)
    assert times[1] - times[0] == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_will_not_change_is_not_repeated(status: int) -> None:
    """Neither for a read."""
    _, times = ask(answering(status), READ)
    assert len(times) == 1


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("refused"), UnreachableError),
        (httpx.ConnectTimeout("late"), UnreachableError),
        (httpx.ReadTimeout("late"), NoAnswerError),
        (httpx.RemoteProtocolError("cut off"), NoAnswerError),
    ],
)
def test_no_answer(raised: Exception, kind: type[GatewayError]) -> None:
    """Not connected and not answered are told apart: only then may the command have been carried out."""

    def broken(_: httpx.Request) -> httpx.Response:
        raise raised

    error, times = ask(broken, COMMAND)
    assert isinstance(error, kind)
    assert "POST /ocpp/commands/plug-connector" in str(error)
    assert len(times) == 1


@pytest.mark.parametrize("text", ["<html>login</html>", "{", "OK"])
def test_an_answer_without_json(text: str) -> None:
    """Its beginning is shown."""
    error, _ = ask(lambda _: httpx.Response(200, text=text), COMMAND)
    assert isinstance(error, NotTheApiError)
    assert text in str(error)


def test_a_redirect_points_to_the_base_url() -> None:
    """A redirect would lose the body of a POST."""
    error, _ = ask(lambda _: httpx.Response(307, headers={"Location": "/login"}), COMMAND)
    assert "is the base URL right?" in str(error)


@pytest.mark.parametrize("base", ["http://gateway.test", "http://gateway.test/", "http://gateway.test:81/api/v1/"])
@pytest.mark.parametrize(("query", "shown"), [({}, ""), ({"page": 2, "tag": ["a", "b"]}, "?page=2&tag=a&tag=b")])
def test_a_path_goes_behind_the_base_url(base: str, query: dict[str, Any], shown: str) -> None:
    """With what the base URL has of a path, and what is percent-encoded."""
    seen: list[str] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(204)

    ask(look, HttpRequest("GET", "/chargers/CP%2F1", query=query), base=base)
    assert seen == [f"{base.rstrip('/')}/chargers/CP%2F1{shown}"]


@pytest.mark.parametrize("organization", [None, "org-1"])
def test_headers(organization: str | None) -> None:
    """The bearer token always, the organization only when it is given: the API refuses it from others."""
    seen: list[httpx.Headers] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(204)

    answer, _ = ask(look, READ, organization=organization)
    assert isinstance(answer, HttpAnswer)
    assert answer.body is None
    assert seen[0]["Authorization"] == f"Bearer {TOKEN}"
    assert seen[0].get("X-Organization-Id") == organization


@pytest.mark.parametrize(("keep_alive", "connections"), [(60.0, 1), (0.0, 3)])
def test_a_connection_that_was_idle_too_long_is_not_used_again(keep_alive: float, connections: int) -> None:
    """The other side may close it while a command is on its way, and nobody would know whether it was heard."""
    made = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal made
        made += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except asyncio.IncompleteReadError:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        http = GatewayHttp(f"http://127.0.0.1:{port}", TOKEN, keep_alive=keep_alive)
        for _ in range(3):
            await http.send(HttpRequest("GET", "/health"))
        await http.aclose()
        await clock.settled()
        server.close()
        await server.wait_closed()

    clock.run(main())
    assert made == connections


def packed(by: str, content: bytes) -> Callable[[], httpx.Response]:
    """A successful answer whose bytes are said to be packed."""

    class Bytes(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield content

    return lambda: httpx.Response(200, headers={"Content-Encoding": by}, stream=Bytes())


class Dribble(httpx.AsyncByteStream):
    """Parts that come one by one, with a pause before each."""

    def __init__(self, part: bytes, pause: float) -> None:
        self._part, self._pause = part, pause

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(self._pause)
            yield self._part


def gzipped(size: int) -> bytes:
    return gzip.compress(b'["' + b"a" * size + b'"]')


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: httpx.Response(200, stream=Dribble(b" ", 9)), "not complete after 60 s"),
        (lambda: httpx.Response(200, stream=Dribble(b" " * 1_000_000, 0)), "more than 16 MiB"),
        (lambda: httpx.Response(500, stream=Dribble(b" " * 1_000_000, 0)), "more than 16 MiB"),
        (packed("gzip", gzipped(MAX_BODY)), "more than 16 MiB when it is unpacked"),
        (packed("gzip", b"no gzip"), "claims to be gzip"),
        (packed("br", b"..."), "packed by 'br'"),
        (lambda: httpx.Response(200, content=b"[" * 200_000 + b"]" * 200_000), "nested too deeply"),
    ],
)
def test_an_answer_is_bounded_as_a_whole(answer: Callable[[], httpx.Response], told: str) -> None:
    """In seconds, in bytes, in bytes when it is unpacked, and in depth; the request and the limit are named."""
    error, _ = ask(lambda _: answer(), COMMAND)
    assert isinstance(error, GatewayError)
    assert str(error).startswith("POST /ocpp/commands/plug-connector: ")
    assert told in str(error)


def test_a_packed_answer_is_unpacked() -> None:
    """What fits is read."""
    answer, _ = ask(lambda _: packed("gzip", gzipped(1000))(), READ)
    assert isinstance(answer, HttpAnswer)
    assert answer.body == ["a" * 1000]


@pytest.mark.parametrize("asked", [None, "30"])
def test_all_repetitions_together_have_an_end(asked: str | None) -> None:
    """A Gateway that dribbles, or asks for patience again and again, costs twice what one request may take."""

    async def answer() -> httpx.Response:
        await asyncio.sleep(1e6 if asked is None else 15)
        return httpx.Response(503, json={}, headers={} if asked is None else {"Retry-After": asked})

    async def main() -> float:
        transport = httpx.MockTransport(lambda _: answer())  # type: ignore[arg-type,return-value]
        http = GatewayHttp("http://gateway.test", TOKEN, transport=transport, timeout=10)
        began = clock.now()
        with pytest.raises(GatewayError, match="503" if asked else "not complete"):
            await http.send(READ)
        await http.aclose()
        return clock.now() - began

    assert 15 <= clock.run(main()) <= 40
