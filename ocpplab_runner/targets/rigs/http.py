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

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import httpx

from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import InfrastructureError, Outcome
from ocpplab_runner.redaction.options import option_secrets
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.targets.http_requests import (
    Defaults,
    NoAnswerError,
    RequestTemplate,
    Sender,
    base_url_of,
    headers_of,
    json_of,
    reason_of,
    request_of,
)
from ocpplab_runner.targets.option_values import OptionError, some_time

_OPTIONS = frozenset({"base_url", "headers", "timeout", "verbs"})
#: Placeholders that every verb has beside its own fields.
_COMMON = frozenset({"station", "card"})
#: Where a scenario says no place, a URL or a text that needs one means the first.
_FIRST: Mapping[str, Any] = {"evse_id": 1, "connector_id": 1}
#: What rigs can be asked for: what chargers and the world do.
VERBS: Mapping[str, frozenset[str]] = {
    spec.name: frozenset(one.name for one in spec.fields) for spec in ACTING if spec.actor in ("charger", "world")
}


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
            hint = did_you_mean(unknown[0], _OPTIONS) or f"an http rig has {', '.join(sorted(_OPTIONS))}"
            raise OptionError("rig", f" has no {', '.join(unknown)}; {hint}", unknown[0])
        verbs = options.get("verbs")
        if not isinstance(verbs, Mapping) or not verbs:
            raise OptionError("rig.verbs", " maps each verb that the rig can do to its request")
        self._defaults = Defaults(
            base=base_url_of("rig.base_url", options.get("base_url")),
            headers=headers_of("rig.headers", options.get("headers")),
            timeout=some_time("timeout", options, Defaults().timeout),
        )
        self._requests = {str(verb): self._request(str(verb), request) for verb, request in verbs.items()}
        # A second more than the slowest request has, so that it is the request which is said to be late.
        self.limit = max(request.timeout for request in self._requests.values()) + 1.0
        self._secrets = tuple(text for text in option_secrets(options) if isinstance(text, str))
        # The rig stands on the bench: no proxy is between.
        self._sender = Sender(transport=transport)

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
        says = self._requests[verb].says
        covered = says | ({"id_tag"} if "card" in says else set()) | _FIRST.keys()
        lacking = sorted(set(fields) - covered)
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
            answer = await self._sender.send(request, values, {**_FIRST, **values})
        except NoAnswerError as error:
            raise _trouble(verb, request, str(error)) from None
        told = _told(answer)
        if answer.status_code in request.accepted:
            return Outcome(detail=told)
        reason = reason_of(answer, told.get("reason"))
        if answer.status_code in request.refused:
            return Outcome("refused", told, f"the rig says: {reason}")
        raise _trouble(verb, request, f"{answer.status_code} {reason}")

    async def close(self) -> None:
        """Close the connections."""
        await self._sender.close()

    def _request(self, verb: str, data: Any) -> RequestTemplate:
        where = f"rig.verbs.{verb}"
        if verb not in VERBS:
            hint = did_you_mean(verb, VERBS) or f"it can do {', '.join(sorted(VERBS))}"
            raise OptionError(where, f": a rig does what takes hands; {hint}")
        return request_of(where, data, self._defaults, VERBS[verb] | _COMMON, of=verb)


def _trouble(verb: str, request: RequestTemplate, what: str) -> InfrastructureError:
    return InfrastructureError(f"rig: {verb}: {request.shown}: {what}", reached=True)


def _told(answer: httpx.Response) -> Mapping[str, Any]:
    told = json_of(answer)
    return told if isinstance(told, Mapping) else {}
