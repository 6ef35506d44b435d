"""A rig that is told by HTTP what to do: one request for each verb, made of templates.

```yaml
rig:
  base_url: http://rig.lab:8080
  headers: {Authorization: "Bearer ${{ env.RIG_TOKEN }}"}
  verbs:
    plug_connector: {url: "/evses/{evse_id}/plug", json: {ev: "{ev}"}}
    authorize_id_tag: {url: "/reader", json: {card: "{card}"}, timeout: 5s}
    power: {method: PUT, url: "/power", json: {state: "{state}"}, accepted: [200, 202]}
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ocpplab_runner.ocppj.urls import without_credentials
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import InfrastructureError, Outcome
from ocpplab_runner.redaction.options import option_secrets
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.targets.rigs.templates import filled_data, filled_text, filled_url, placeholders, unknown_in
from ocpplab_runner.vocabulary.durations import duration_option
from ocpplab_runner.vocabulary.texts import shortened

_OPTIONS = frozenset({"base_url", "headers", "timeout", "verbs"})
_REQUEST_OPTIONS = frozenset({"method", "url", "json", "body", "headers", "accepted", "refused", "timeout"})
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ACCEPTED = frozenset({200, 201, 202, 204})
_REFUSED = frozenset({409, 422})
_TIMEOUT = 10.0
#: Placeholders that every verb has beside its own fields.
_COMMON = frozenset({"station", "card"})
#: Where a scenario says no place, a URL or a text that needs one means the first.
_FIRST: Mapping[str, Any] = {"evse_id": 1, "connector_id": 1}
_LONGEST_REASON = 200
#: What rigs can be asked for: what chargers and the world do.
VERBS: Mapping[str, frozenset[str]] = {
    spec.name: frozenset(one.name for one in spec.fields) for spec in ACTING if spec.actor in ("charger", "world")
}


@dataclass(frozen=True, slots=True)
class Request:
    """One verb's request.

    Attributes:
        url: where the placeholders stand, absolute.
        says: the fields of the verb that the request holds.
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


class HttpRig(Rig):
    """Sends the requests.

    Args:
        options: ``base_url``, ``headers``, ``timeout`` and ``verbs``.
        transport: instead of the network; for tests.

    Raises:
        ValueError: one of them is wrong.
    """

    def __init__(self, options: Mapping[str, Any], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if unknown := sorted(set(options) - _OPTIONS):
            raise ValueError(f"`rig` has no {', '.join(unknown)}; an http rig has {', '.join(sorted(_OPTIONS))}")
        verbs = options.get("verbs")
        if not isinstance(verbs, Mapping) or not verbs:
            raise ValueError("`rig.verbs` maps each verb that the rig can do to its request")
        self._base = _base_url(options.get("base_url"))
        self._headers = _headers("rig.headers", options.get("headers"))
        self._timeout = duration_option("timeout", options, _TIMEOUT)
        self._requests = {str(verb): self._request(str(verb), request) for verb, request in verbs.items()}
        self.limit = max(request.timeout for request in self._requests.values()) + 1.0
        self._secrets = tuple(text for text in option_secrets(options) if isinstance(text, str))
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    @property
    def verbs(self) -> Collection[str]:
        """Those that have a request."""
        return self._requests.keys()

    @property
    def secrets(self) -> Sequence[str]:
        """What stands in its URLs and headers that nobody may see."""
        return self._secrets

    def why_not(self, verb: str, fields: Collection[str]) -> str | None:
        """A field that the request has no place for would be done otherwise than the scenario says."""
        lacking = sorted(set(fields) - self._requests[verb].says - _FIRST.keys())
        if not lacking:
            return None
        return f"the rig's request for {verb} has no {{{lacking[0]}}}"

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Send the verb's request and judge its answer by its status."""
        request = self._requests[verb]
        values = {name: value for name, value in fields.items() if value is not None} | {"station": station}
        if "id_tag" in values:
            values["card"] = values["id_tag"]
        try:
            async with asyncio.timeout(request.timeout):
                answer = await self._send(request, values)
        except TimeoutError:
            raise _trouble(verb, request, f"no answer within {request.timeout:g} s") from None
        except httpx.HTTPError as error:
            raise _trouble(verb, request, str(error) or type(error).__name__) from None
        told = _told(answer)
        if answer.status_code in request.accepted:
            return Outcome(detail=told)
        reason = told.get("reason") or shortened(answer.text.strip(), _LONGEST_REASON) or answer.reason_phrase
        if answer.status_code in request.refused:
            return Outcome("refused", told, f"the rig says: {reason}")
        raise _trouble(verb, request, f"{answer.status_code} {reason}")

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(self, request: Request, values: Mapping[str, Any]) -> httpx.Response:
        if self._client is None:
            # The rig stands on the bench: no proxy of the environment is between.
            self._client = httpx.AsyncClient(
                transport=self._transport, follow_redirects=False, trust_env=False, timeout=None
            )
        placed = {**_FIRST, **values}
        content: dict[str, Any] = {}
        if request.json is not None:
            content["json"] = filled_data(request.json, values)
        elif request.body is not None:
            content["content"] = filled_text(request.body, placed).encode()
        return await self._client.request(
            request.method, filled_url(request.url, placed), headers=dict(request.headers), **content
        )

    def _request(self, verb: str, data: Any) -> Request:
        where = f"rig.verbs.{verb}"
        if verb not in VERBS:
            raise ValueError(f"`{where}`: a rig does what takes hands; it can do {', '.join(sorted(VERBS))}")
        if isinstance(data, str):
            data = {"url": data}
        if not isinstance(data, Mapping) or not isinstance(data.get("url"), str):
            raise ValueError(f"`{where}` is a URL, or a mapping with `url`")
        if unknown := sorted(set(data) - _REQUEST_OPTIONS):
            raise ValueError(f"`{where}` has no {', '.join(unknown)}; it has {', '.join(sorted(_REQUEST_OPTIONS))}")
        if "json" in data and "body" in data:
            raise ValueError(f"`{where}` has `json` or `body`, not both")
        method = str(data.get("method", "POST")).upper()
        if method not in _METHODS:
            raise ValueError(f"`{where}.method` is one of {', '.join(_METHODS)}, not {method!r}")
        url = data["url"] if "://" in data["url"] else f"{self._base}/{data['url'].lstrip('/')}"
        if urlsplit(url).scheme not in ("http", "https") or placeholders_of_host(url):
            raise ValueError(f"`{where}.url` is an http:// or https:// URL, or a path with `rig.base_url` before it")
        body = data.get("body")
        templates = [data["url"], data.get("json"), body]
        known = VERBS[verb] | _COMMON
        if unknown := unknown_in(templates, known):
            raise ValueError(f"`{where}`: {verb} has no {{{unknown[0]}}}; it has {', '.join(sorted(known))}")
        says = set(placeholders(templates))
        return Request(
            method,
            url,
            data.get("json"),
            None if body is None else str(body),
            {**self._headers, **_headers(f"{where}.headers", data.get("headers"))},
            _statuses(f"{where}.accepted", data.get("accepted"), _ACCEPTED),
            _statuses(f"{where}.refused", data.get("refused"), _REFUSED),
            duration_option("timeout", data, self._timeout),
            frozenset(says | ({"id_tag"} if "card" in says else set())),
        )


def placeholders_of_host(url: str) -> list[str]:
    """A value decides no host, whatever it is."""
    return list(placeholders(url.split("://", 1)[-1].partition("/")[0]))


def _trouble(verb: str, request: Request, what: str) -> InfrastructureError:
    return InfrastructureError(f"rig: {verb}: {request.shown}: {what}", reached=True)


def _told(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, Mapping) else {}


def _base_url(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise ValueError("`rig.base_url` is an http:// or https:// URL with a host")
    return value.rstrip("/")


def _headers(name: str, value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"`{name}` maps a header to its value")
    headers = {str(header): str(one) for header, one in value.items()}
    for header, one in headers.items():
        if not (header + one).isascii() or not (header + one).isprintable():
            raise ValueError(f"`{name}.{header}` holds letters that no header can carry")
    return headers


def _statuses(name: str, value: Any, default: frozenset[int]) -> frozenset[int]:
    if value is None:
        return default
    listed = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(one, int) and not isinstance(one, bool) and 100 <= one <= 599 for one in listed):
        raise ValueError(f"`{name}` lists HTTP statuses, such as [200, 204]")
    return frozenset(listed)
