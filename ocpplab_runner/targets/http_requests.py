"""Requests that are made of templates: what a rig and a CSMS's driver are told by HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ocpplab_runner.ocppj.urls import without_credentials
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.targets.option_values import OptionError, some_time
from ocpplab_runner.targets.templates import (
    filled_data,
    filled_text,
    filled_url,
    placeholders,
    stray_brace,
    unknown_in,
)
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.texts import shortened

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LONGEST_REASON = 200
#: Bytes of an answer; who sends without end gets no more memory.
_LONGEST_ANSWER = 1 << 20
#: What RFC 9110 section 5.6.2 lets the name of a header be.
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: Statuses of an answer that mean yes, unless said.
ACCEPTED = frozenset({200, 201, 202, 204})
#: What a request may say of itself; whoever reads it may have more.
REQUEST_OPTIONS = frozenset({"method", "url", "json", "body", "headers", "accepted", "refused", "timeout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a request has that does not say otherwise.

    Attributes:
        base: before URLs that are paths.
        headers: of every request; its own come on top.
        timeout: seconds until its answer must be there.
        accepted: statuses of an answer that mean yes.
        refused: statuses that mean no.
    """

    base: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0
    accepted: frozenset[int] = ACCEPTED
    refused: frozenset[int] = frozenset({409, 422})


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """One request.

    Attributes:
        url: where the placeholders stand, absolute.
        says: the names of its placeholders.
    """

    method: str
    url: str
    json: Any
    body: str | None
    headers: Mapping[str, str]
    accepted: frozenset[int]
    refused: frozenset[int]
    timeout: float
    says: frozenset[str] = field(default_factory=frozenset)

    @property
    def shown(self) -> str:
        """For people: no value of a placeholder, no credentials, no query."""
        return f"{self.method} {without_credentials(self.url).partition('?')[0]}"

    async def send(
        self, client: httpx.AsyncClient, values: Mapping[str, Any], placed: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Fill it and send it.

        Args:
            client: sends it.
            values: placeholder → value; what JSON would hold of a missing one is left out.
            placed: the same for the URL and a body that is text, where something must stand.

        Raises:
            httpx.HTTPError: there is no answer, or it is too long.
        """
        placed = values if placed is None else placed
        content: dict[str, Any] = {}
        if self.json is not None:
            content["json"] = filled_data(self.json, values)
        elif self.body is not None:
            content["content"] = filled_text(self.body, placed).encode()
        url = filled_url(self.url, placed)
        async with client.stream(self.method, url, headers=dict(self.headers), **content) as answer:
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > _LONGEST_ANSWER:
                    raise httpx.RemoteProtocolError(f"the answer is longer than {_LONGEST_ANSWER >> 20} MiB")
        # No other header: the body has been decoded, and is not to be decoded once more.
        kind = {"content-type": answer.headers["content-type"]} if "content-type" in answer.headers else {}
        return httpx.Response(answer.status_code, headers=kind, content=bytes(body))


class NoAnswerError(Exception):
    """Nobody knows what has become of a request: no answer in time, or none that can be read."""


class Sender:
    """Sends requests; its connections are opened with the first of them. No redirect is followed.

    Args:
        proxy: on the way; one of the environment is never taken.
        transport: instead of the network; for tests.
    """

    def __init__(self, *, proxy: str | None = None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._proxy, self._transport = proxy, transport
        self._client: httpx.AsyncClient | None = None

    async def send(
        self, request: RequestTemplate, values: Mapping[str, Any], placed: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Fill a request, send it and read its answer within the request's time; arguments as for the request.

        Raises:
            NoAnswerError: in words.
        """
        if self._client is None:
            # The request's own limit is for all of it; those of the library are for each piece.
            self._client = httpx.AsyncClient(
                transport=self._transport, proxy=self._proxy, trust_env=False, follow_redirects=False, timeout=None
            )
        try:
            async with asyncio.timeout(request.timeout):
                return await request.send(self._client, values, placed)
        except TimeoutError:
            raise NoAnswerError(f"no answer within {request.timeout:g} s") from None
        except httpx.HTTPError as error:
            raise NoAnswerError(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def request_of(where: str, data: Any, defaults: Defaults, known: Collection[str], *, of: str) -> RequestTemplate:
    """A request as ``ocpplab.yaml`` describes it: a URL, or a mapping.

    Args:
        where: it stands, for people.
        data: what stands there.
        defaults: what it has otherwise.
        known: the placeholders that it may have.
        of: what it is for, for people.

    Raises:
        ValueError: it makes no request.
    """
    if isinstance(data, str):
        data = {"url": data}
    if not isinstance(data, Mapping) or not isinstance(data.get("url"), str):
        raise OptionError(where, " is a URL, or a mapping with `url`")
    if unknown := sorted(map(str, set(data) - REQUEST_OPTIONS)):
        hint = meant(unknown[0], REQUEST_OPTIONS)
        raise OptionError(where, f" has no {', '.join(unknown)}; {hint}", unknown[0])
    if "json" in data and "body" in data:
        raise OptionError(where, " has `json` or `body`, not both")
    method = str(data.get("method", "POST")).upper()
    if method not in _METHODS:
        raise OptionError(f"{where}.method", f" is one of {', '.join(_METHODS)}, not {method!r}")
    url = data["url"] if "://" in data["url"] else f"{defaults.base}/{data['url'].lstrip('/')}"
    if not _can_be_asked(url) or _placeholders_of_host(url):
        base = f"{where.partition('.')[0]}.base_url"
        raise OptionError(f"{where}.url", f" is an http:// or https:// URL, or a path with `{base}` before it")
    body = data.get("body")
    templates = [data["url"], data.get("json"), body]
    if unknown := unknown_in(templates, known):
        hint = meant(unknown[0], known)
        raise OptionError(where, f": {of} has no {{{unknown[0]}}}; {hint}", f"{{{unknown[0]}}}")
    if stray := stray_brace(data["url"]):
        raise OptionError(f"{where}.url", f": {stray} is no placeholder, and no URL has braces", stray)
    headers = headers_of(f"{where}.headers", data.get("headers"))
    if told := [one for one in placeholders([*headers.values()]) if one.partition(".")[0] in known]:
        raise OptionError(f"{where}.headers", f": {{{told[0]}}} is not filled in there", f"{{{told[0]}}}")
    return RequestTemplate(
        method,
        url,
        data.get("json"),
        None if body is None else str(body),
        {**defaults.headers, **headers},
        statuses_of(f"{where}.accepted", data.get("accepted"), defaults.accepted),
        statuses_of(f"{where}.refused", data.get("refused"), defaults.refused),
        _timeout(where, data, defaults.timeout),
        frozenset(placeholders(templates)),
    )


def meant(word: str, known: Collection[str]) -> str:
    """What there is instead: the nearest, or all of it."""
    return did_you_mean(word.partition(".")[0], known) or f"it has {', '.join(sorted(known))}"


def json_of(answer: httpx.Response) -> Any:
    """What an answer says as JSON; None when it is none."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def reason_of(answer: httpx.Response, told: Any = None) -> str:
    """Why somebody said no, in their words where they have some."""
    return shortened(str(told or answer.text.strip() or answer.reason_phrase), _LONGEST_REASON)


def base_url_of(name: str, value: Any) -> str:
    """The option ``base_url``, without a slash at its end; raises ValueError."""
    if value is None:
        return ""
    if not isinstance(value, str) or not _can_be_asked(value):
        raise ValueError(f"`{name}` is an http:// or https:// URL with a host")
    return value.rstrip("/")


def headers_of(name: str, value: Any) -> dict[str, str]:
    """The option ``headers``; raises ValueError."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"`{name}` maps a header to its value")
    headers = {str(header): str(one) for header, one in value.items()}
    for header, one in headers.items():
        if not _HEADER.fullmatch(header):
            raise ValueError(f"`{name}`: {header!r} cannot be the name of a header")
        if not (header + one).isascii() or not (header + one).isprintable():
            raise ValueError(f"`{name}.{header}` holds letters that no header can carry")
    return headers


def statuses_of(name: str, value: Any, default: frozenset[int]) -> frozenset[int]:
    """A list of HTTP statuses; raises ValueError."""
    if value is None:
        return default
    listed = value if isinstance(value, list | tuple) else [value]
    if not all(is_integer(one) and 100 <= one <= 599 for one in listed):
        raise ValueError(f"`{name}` lists HTTP statuses, such as [200, 204]")
    return frozenset(listed)


def _can_be_asked(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _timeout(where: str, data: Mapping[str, Any], default: float) -> float:
    try:
        return some_time("timeout", data, default)
    except ValueError as error:
        raise ValueError(f"`{where}`: {error}") from error


def _placeholders_of_host(url: str) -> list[str]:
    """A value decides no host, whatever it is."""
    return list(placeholders(url.split("://", 1)[-1].partition("/")[0]))
