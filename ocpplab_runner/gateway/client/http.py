"""HTTP to a Gateway: the bearer token, time-outs, back-off for what may be repeated, and errors to act on."""

from __future__ import annotations

import asyncio
import json
import ssl
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx

from ocpplab_runner import clock
from ocpplab_runner.gateway.client.errors import (
    GatewayError,
    NoAnswerError,
    NotTheApiError,
    RateLimitedError,
    ServerTroubleError,
    UnreachableError,
    detail_of,
    error_of,
)
from ocpplab_runner.gateway.client.proxies import Proxy, ProxyError, proxy_of
from ocpplab_runner.ocppj.tls import in_words, tls_error_behind
from ocpplab_runner.redaction.values import SecretValues
from ocpplab_runner.vocabulary.texts import shortened

#: Seconds that a connection, and then each part of an answer, may take; a whole request has twice as many.
TIMEOUT = 30.0
#: Bytes of one answer at most, as they come and when they are unpacked.
MAX_BODY = 16 << 20
#: zlib's word for "gzip or zlib, as the header says".
_GZIP_OR_ZLIB = 47
#: How much longer than one request all its repetitions together may take.
_PATIENCE = 2
#: How often a request that may be repeated is sent at most, and the pauses between, in seconds; they double.
_ATTEMPTS = 5
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
#: Seconds after which an idle connection is not used again. A server that closes one in the very moment when a command
#: goes out leaves unknown whether it was heard, and a command is never sent twice; servers wait 5 seconds and more.
KEEP_ALIVE = 2.0
#: How many URLs are kept in mind.
_URLS = 64
_STARS = "***"
#: Of an answer that is no JSON, what is looked at.
_EXCERPT = 2000


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request of the API.

    Attributes:
        method: ``GET`` …
        path: from the base URL on, without the query.
        body: JSON, or None.
        query: the query's parameters; a list is repeated.
        repeatable: whether sending it twice does no harm. Commands are not: a plug would be a second plug.
    """

    method: str
    path: str
    body: Any = None
    query: Mapping[str, str | int | Sequence[str]] = field(default_factory=dict)
    repeatable: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A successful answer.

    Attributes:
        status: 200 to 299.
        body: its JSON; None when it has none.
        sent: when the request was sent, seconds on the run's clock.
        received: when the answer was there.
        date: the ``Date`` header, or None.
    """

    status: int
    body: Any
    sent: float
    received: float
    date: datetime | None


def _trust(base_url: str) -> ssl.SSLContext:
    """Whose certificates are trusted: without TLS nobody's, for to read them takes longer than most cases."""
    return httpx.create_ssl_context() if base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class GatewayHttp:
    """Sends requests; made on a running event loop, closed with :meth:`aclose`.

    Args:
        base_url: where the API begins.
        token: the bearer token; it is shown nowhere.
        organization: sent as ``X-Organization-Id``, for tokens that are bound to no tenant; only when given, because
            the API refuses it from others.
        timeout: seconds that a connection, and then each part of an answer, may take; a request has twice as many.
        keep_alive: seconds of the wall clock that a connection may be idle and used again.
        transport: instead of the network; for tests.

    Raises:
        UnreachableError: the environment names a proxy, or certificates, that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        organization: str | None = None,
        timeout: float = TIMEOUT,
        keep_alive: float = KEEP_ALIVE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # Nothing but gzip, which is unpacked within a bound.
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Encoding": "gzip"}
        if organization is not None:
            headers["X-Organization-Id"] = organization
        self._deadline = 2 * timeout
        proxy = _proxy(base_url) if transport is None else None
        self._way = f" through the proxy of {proxy.variable}" if proxy else ""
        self._secrets = SecretValues([token, *(proxy.secrets if proxy else ())])
        try:
            self._client = httpx.AsyncClient(
                base_url=base_url,
                headers=headers,
                timeout=timeout,
                limits=httpx.Limits(keepalive_expiry=keep_alive),
                transport=transport,
                proxy=proxy.url if proxy else None,
                verify=_trust(base_url),
                # proxy_of() has looked: httpx takes most addresses of this machine to the proxy, too.
                trust_env=False,
            )
        except ImportError:
            raise UnreachableError(base_url, f"no connection{self._way}: SOCKS needs the package `socksio`") from None
        except OSError as error:
            raise UnreachableError(base_url, f"SSL_CERT_FILE or SSL_CERT_DIR of the environment: {error}") from None
        # httpx takes a URL apart three times for each request; most requests ask the same again and again.
        base = str(self._client.base_url).rstrip("/")
        self._url = lru_cache(_URLS)(lambda path: httpx.URL(base + path))

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request and take its answer.

        What may be repeated is, after a pause, when nobody answers, the Gateway is in trouble or asks for patience;
        all of that takes at most twice as long as one request may.

        Raises:
            GatewayError: of the kind that says why.
        """
        pause = _FIRST_PAUSE
        end = clock.now() + _PATIENCE * self._deadline
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._send_once(request, min(self._deadline, end - clock.now()))
            except (UnreachableError, NoAnswerError, RateLimitedError, ServerTroubleError) as error:
                if not request.repeatable or attempt == _ATTEMPTS:
                    raise
                wait = max(pause, _asked_for(error))
                if clock.now() + wait >= end:
                    raise
            await asyncio.sleep(wait)
            pause *= 2
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _send_once(self, request: HttpRequest, limit: float) -> HttpAnswer:
        sent = clock.now()
        try:
            async with asyncio.timeout(limit):
                response = await self._exchange(request)
        except TimeoutError:
            raise NoAnswerError(str(request), f"the answer was not complete after {limit:.3g} s") from None
        except httpx.ConnectError as error:
            encrypted = tls_error_behind(error)
            why = str(error) if encrypted is None else f"TLS failed: {in_words(encrypted, 'the Gateway')}"
            raise UnreachableError(str(request), self._clean(f"no connection to {self._base}: {why}")) from None
        except httpx.ProxyError as error:
            raise UnreachableError(str(request), self._clean(f"no connection to {self._base}: {error}")) from None
        except httpx.ConnectTimeout:
            raise UnreachableError(str(request), f"no connection to {self._base} in time") from None
        except httpx.TimeoutException:
            raise NoAnswerError(str(request), "no answer in time") from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoAnswerError(str(request), self._clean(f"{type(error).__name__}: {error}")) from None
        if response.is_success:
            return HttpAnswer(response.status_code, self._json(request, response), sent, clock.now(), _date(response))
        # Not followed: the body of a POST would be lost on the way.
        if response.is_redirect:
            raise NotTheApiError(
                str(request),
                f"HTTP {response.status_code}: redirected; is the base URL right?",
                status=response.status_code,
            )
        patience = _seconds(response.headers.get("Retry-After"))
        told = self._clean(detail_of(_error_body(response)))
        raise error_of(str(request), response.status_code, told, patience)

    async def _exchange(self, request: HttpRequest) -> httpx.Response:
        """The whole answer, unpacked; never more of it than is allowed."""
        query = {
            name: list(value) if isinstance(value, list | tuple) else value for name, value in request.query.items()
        }
        url = self._url(request.path)
        async with self._client.stream(request.method, url, json=request.body, params=query or None) as answer:
            # The stream's bytes are those of the wire: where httpx unpacks them, nothing bounds what comes out.
            packed = bytearray()
            assert isinstance(answer.stream, httpx.AsyncByteStream)
            async for part in answer.stream:
                packed += part
                if len(packed) > MAX_BODY:
                    raise _too_large(request, answer, "")
            # Without its encoding, or the response below would unpack it once more.
            headers = httpx.Headers(answer.headers)
            packing = headers.pop("Content-Encoding", "identity").strip().lower()
            body = bytes(packed)
            if packing in ("gzip", "x-gzip", "deflate"):
                unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
                try:
                    body = unpacker.decompress(body, MAX_BODY)
                except zlib.error:
                    raise NotTheApiError(str(request), f"what claims to be {packing} is not") from None
                if unpacker.unconsumed_tail:
                    raise _too_large(request, answer, " when it is unpacked")
            elif packing != "identity":
                raise NotTheApiError(str(request), f"the answer is packed by {shortened(packing, 20)!r}, not by gzip")
            return httpx.Response(answer.status_code, headers=headers, content=body, request=answer.request)

    @property
    def _base(self) -> str:
        url = self._client.base_url
        return f"{url.scheme}://{url.netloc.decode()}{self._way}"

    def _json(self, request: HttpRequest, response: httpx.Response) -> Any:
        if not response.content:
            return None
        try:
            return response.json()
        except RecursionError:
            raise NotTheApiError(
                str(request), f"HTTP {response.status_code} with JSON that is nested too deeply"
            ) from None
        except ValueError:
            start = shortened(self._clean(" ".join(response.text[:_EXCERPT].split())), 80)
            raise NotTheApiError(
                str(request), f"HTTP {response.status_code} without JSON, but {start!r}", status=response.status_code
            ) from None

    def _clean(self, text: str) -> str:
        """Text from outside without our token, whole or cut: some servers send requests back."""
        return self._secrets.replaced(text, lambda _: _STARS)


def _proxy(base_url: str) -> Proxy | None:
    try:
        return proxy_of(base_url)
    except ProxyError as error:
        raise UnreachableError(base_url, str(error)) from None


def _too_large(request: HttpRequest, answer: httpx.Response, when: str) -> GatewayError:
    message = f"HTTP {answer.status_code} with more than {MAX_BODY >> 20} MiB{when}"
    return NotTheApiError(str(request), message, status=answer.status_code)


def _error_body(response: httpx.Response) -> Any:
    kind = response.headers.get("Content-Type", "")
    if "json" not in kind:
        return "" if "html" in kind else response.text
    try:
        return json.loads(response.text)
    except (ValueError, RecursionError):
        return response.text


def _asked_for(error: GatewayError) -> float:
    return 0.0 if error.retry_after is None else min(error.retry_after, _LONGEST_PAUSE)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


def _date(response: httpx.Response) -> datetime | None:
    text = response.headers.get("Date")
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
