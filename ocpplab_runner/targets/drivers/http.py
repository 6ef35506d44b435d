"""A CSMS that is told by HTTP what to do: one request for each operation, made of templates.

```yaml
driver:
  base_url: https://csms.staging/api
  headers: {Authorization: "Bearer ${{ env.CSMS_TOKEN }}"}
  operations:
    remote_start: {url: "/chargers/{station}/start", json: {card: "{id_tag}", evse: "{evse_id}"}}
    reset: {url: "/chargers/{station}/reset", json: {hard: "{payload.type}"}, accepted: [202]}
    csms_call: {url: "/chargers/{station}/ocpp/{action}", json: "{payload}", message_id: call.id}
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from ocpplab_runner.gateway.client.proxies import ProxyError, proxy_of
from ocpplab_runner.plugin.csms_driver import BEGIN_CASE, CsmsDriver, CsmsOrder, OrderRefusedError
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError
from ocpplab_runner.redaction.options import option_secrets
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.targets.capabilities import CSMS_VERBS
from ocpplab_runner.targets.http_requests import (
    ACCEPTED,
    Defaults,
    NoAnswerError,
    RequestTemplate,
    Sender,
    base_url_of,
    headers_of,
    json_of,
    reason_of,
    request_of,
    statuses_of,
)
from ocpplab_runner.targets.option_values import OptionError, some_time
from ocpplab_runner.vocabulary.durations import duration_option
from ocpplab_runner.vocabulary.versions import OcppVersion

_OPTIONS = frozenset(
    {
        "base_url",
        "headers",
        "timeout",
        "call_within",
        "accepted",
        "refused",
        "blocked",
        "accepted_when",
        "reason",
        "message_id",
        "operations",
        "versions",
    }
)
#: What a request says of its answer, besides the statuses.
_ANSWER_OPTIONS = frozenset({"blocked", "accepted_when", "reason", "message_id"})
#: Placeholders that every operation has, beside its own fields: the verb's fields as a whole, and what it becomes.
_COMMON = frozenset({"station", "ocpp", "operation", "fields", "action", "payload", "raw"})
_REFUSED = frozenset({400, 404, 409, 422})
_BLOCKED = frozenset({405, 501})
#: Where most APIs say why they refuse.
_REASONS = ("detail", "message", "error", "reason")
#: For every operation of the CSMS that has no request of its own.
_ANY = "*"
#: Verbs of the CSMS → their fields; those whose value is a mapping of its own have none.
VERBS: Mapping[str, frozenset[str]] = {
    **{spec.name: frozenset(one.name for one in spec.fields) for spec in ACTING if spec.name in CSMS_VERBS},
    BEGIN_CASE: frozenset({"stations", "csms", "own_heartbeat"}),
}
#: Those that become a call to the charger, whatever it is called.
_CALLING = frozenset(spec.name for spec in ACTING if spec.actor == "csms" and spec.actions) | {"csms_call"}


@dataclass(frozen=True, slots=True)
class _Answers:
    """How answers are read.

    Attributes:
        blocked: statuses that mean that the CSMS, or the version, lacks it.
        accepted_when: path into the answer's JSON → the value that it must have.
        reason: path to why it was refused.
        message_id: path to the message id of the call that the CSMS makes.
    """

    blocked: frozenset[int] = _BLOCKED
    accepted_when: Mapping[str, Any] | None = None
    reason: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    template: RequestTemplate
    answers: _Answers


class HttpCsmsDriver(CsmsDriver):
    """Sends the requests.

    Args:
        options: see ``docs/targets.md``.
        transport: instead of the network; for tests.

    Raises:
        ValueError: one of them is wrong.
    """

    def __init__(self, options: Mapping[str, Any], *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if unknown := sorted(set(options) - _OPTIONS):
            hint = did_you_mean(unknown[0], _OPTIONS) or f"an http driver has {', '.join(sorted(_OPTIONS))}"
            raise OptionError("driver", f" has no {', '.join(unknown)}; {hint}", unknown[0])
        self._defaults = Defaults(
            base=base_url_of("driver.base_url", options.get("base_url")),
            headers=headers_of("driver.headers", options.get("headers")),
            timeout=some_time("timeout", options, 10.0),
            accepted=statuses_of("driver.accepted", options.get("accepted"), ACCEPTED),
            refused=statuses_of("driver.refused", options.get("refused"), _REFUSED),
        )
        self._answers = _answers("driver", options, _Answers())
        self.limit = duration_option("call_within", options, 30.0)
        self._requests = self._all("driver.operations", options.get("operations"))
        versions = options.get("versions")
        if versions is not None and not isinstance(versions, Mapping):
            raise ValueError("`driver.versions` maps an OCPP version to its own operations")
        self._of_version = {
            _version(version): self._all(f"driver.versions.{version}", told)
            for version, told in (versions or {}).items()
        }
        if not self._requests and not self._of_version:
            raise ValueError("`driver.operations` maps each operation that the CSMS can be asked for to its request")
        try:
            # One client sends all requests: the host of the first decides on the proxy for all.
            proxy = proxy_of(next(iter(self._templates())).url)
        except ProxyError as error:
            raise ValueError(f"`driver`: {error}") from error
        known = () if proxy is None else proxy.secrets
        self._secrets = (*(text for text in option_secrets(options) if isinstance(text, str)), *known)
        self._sender = Sender(proxy=None if proxy is None else proxy.url, transport=transport)

    @property
    def operations(self) -> Collection[str]:
        """Those that have a request, in some version."""
        return {name for requests in (self._requests, *self._of_version.values()) for name in requests}

    @property
    def secrets(self) -> Sequence[str]:
        """What stands in its URLs and headers that nobody may see."""
        return self._secrets

    def why_not(
        self, operation: str, fields: Collection[str], version: OcppVersion, *, raw: bool = False
    ) -> str | None:
        """A field that the request has no place for would be done otherwise than the scenario says."""
        request = self._request(operation, version)
        if request is None:
            return f"the driver has no request for {operation} in OCPP {version}"
        says = request.template.says
        if raw and "raw" not in says:
            return f"the driver's request for {operation} has no {{raw}}"
        if any(one.partition(".")[0] == "payload" for one in says) or "fields" in says:
            return None  # what the payload says is made of all the fields
        lacking = sorted(set(fields) - {one.removeprefix("fields.") for one in says})
        return f"the driver's request for {operation} has no {{{lacking[0]}}}" if lacking else None

    async def perform(self, order: CsmsOrder) -> str | None:
        """Send the operation's request and judge its answer."""
        request = self._request(order.operation, order.version)
        if request is None:
            raise BlockedError(f"the driver has no request for {order.operation} in OCPP {order.version}")
        what = f"driver: {order.operation}: {request.template.shown}"
        try:
            answer = await self._sender.send(request.template, _values(order))
        except NoAnswerError as error:
            raise InfrastructureError(f"{what}: {error}", reached=True) from None
        told, reads = json_of(answer), request.answers
        why = f"{what}: {answer.status_code} {reason_of(answer, _at(reads.reason, told) or _detail(told))}"
        if answer.status_code in reads.blocked:
            raise BlockedError(why)
        if answer.status_code in request.template.refused:
            raise OrderRefusedError(why)
        if answer.status_code not in request.template.accepted:
            raise InfrastructureError(why, reached=True)
        for path, wanted in (reads.accepted_when or {}).items():
            if _at(path, told) != wanted:
                raise OrderRefusedError(f"{why}: {path} is not {wanted!r}")
        message_id = _at(reads.message_id, told)
        return None if message_id is None else str(message_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._sender.close()

    def _templates(self) -> Iterator[RequestTemplate]:
        for requests in (self._requests, *self._of_version.values()):
            yield from (request.template for request in requests.values())

    def _request(self, operation: str, version: OcppVersion) -> _Request | None:
        return self._of_version.get(version, {}).get(operation) or self._requests.get(operation)

    def _all(self, where: str, operations: Any) -> dict[str, _Request]:
        if operations is None:
            return {}
        if not isinstance(operations, Mapping):
            raise ValueError(f"`{where}` maps operations to their requests")
        unknown = sorted(str(name) for name in set(operations) - VERBS.keys() - {_ANY})
        if unknown:
            known = {*VERBS, _ANY}
            hint = did_you_mean(unknown[0], known) or f"a CSMS can be asked for {', '.join(sorted(known))}"
            raise OptionError(where, f" has no {', '.join(unknown)}; {hint}", unknown[0])
        found = {
            name: self._made(f"{where}.{name}", name, operations.get(name)) for name in VERBS if name in operations
        }
        if _ANY in operations:
            rest = sorted(_CALLING - found.keys())
            found |= {name: self._made(f"{where}.*", name, operations[_ANY]) for name in rest}
        return found

    def _made(self, where: str, operation: str, data: Any) -> _Request:
        told = dict(data) if isinstance(data, Mapping) else data
        answers = self._answers
        if isinstance(told, dict):
            answers = _answers(where, told, answers)
            told = {name: value for name, value in told.items() if name not in _ANSWER_OPTIONS}
        template = request_of(where, told, self._defaults, _known(operation), of=operation)
        return _Request(template, answers)


def _known(operation: str) -> Collection[str]:
    """The placeholders of an operation."""
    return VERBS[operation] | _COMMON


def _values(order: CsmsOrder) -> dict[str, Any]:
    fields = {name: value for name, value in order.fields.items() if value is not None}
    common = {
        "station": order.station,
        "ocpp": order.version.value,
        "operation": order.operation,
        "fields": fields,
        "raw": order.raw,
    }
    if order.action is not None:
        common |= {"action": order.action, "payload": order.payload}
    # A verb with a value of its own has cards or settings for names, and none of these is a placeholder.
    named = {name: value for name, value in fields.items() if name in VERBS[order.operation]}
    return {**named, **common}


def _answers(where: str, data: Mapping[str, Any], default: _Answers) -> _Answers:
    when = data.get("accepted_when", default.accepted_when)
    if when is not None and not isinstance(when, Mapping):
        raise ValueError(f"`{where}.accepted_when` maps a path into the answer to the value that it must have")
    paths = {name: data.get(name, getattr(default, name)) for name in ("reason", "message_id")}
    for name, path in paths.items():
        if path is not None and not isinstance(path, str):
            raise ValueError(f"`{where}.{name}` is a path into the answer, such as `call.id` or `0.payload`")
    return _Answers(
        statuses_of(f"{where}.blocked", data.get("blocked"), default.blocked),
        None if when is None else {str(path): value for path, value in when.items()},
        **paths,
    )


def _at(path: str | None, data: Any) -> Any:
    """What stands at a path of names and numbers with dots between; None when nothing does."""
    if path is None:
        return None
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def _detail(told: Any) -> Any:
    if not isinstance(told, Mapping):
        return None
    return next((told[name] for name in _REASONS if isinstance(told.get(name), str)), None)


def _version(text: Any) -> OcppVersion:
    try:
        return OcppVersion(str(text))
    except ValueError:
        raise ValueError(f"`driver.versions`: {text!r} is none of {', '.join(OcppVersion)}") from None
