"""What keys and variables are called that hold secrets, and what plain data holds under them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

_SENSITIVE: Final = frozenset(
    {
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "accesstoken",
        "refreshtoken",
        "bearertoken",
        "apitoken",
        "apikey",
        "clientsecret",
        "sharedsecret",
        "privatekey",
        "authorizationkey",
        "basicauthpassword",
        "networkpassword",
        "vpnpassword",
        "apnpassword",
        "simpin",
    }
)
#: Headers of these names hold credentials; a mapping of such a name (``given.charger.authorization``) does not.
_CREDENTIAL_HEADERS: Final = frozenset({"authorization", "proxyauthorization"})
#: The same names in running text: a query, a header, JSON, YAML.
PATTERN: Final = (
    "passw(?:or)?d|passphrase|(?:client[_-]?)?secret|(?:access|refresh|bearer|api)?[_-]?token|api[_-]?key"
    "|private[_-]?key|authorization[_-]?key|basic[_-]?auth[_-]?password"
)
_ENVIRONMENT: Final = re.compile(r"(?i)passw|passphrase|passcode|(?:^|_)pass(?:_|$)|pwd|token|key|secret|credential")
#: Where OCPP names what stands beside: 1.6 KeyValue and ChangeConfiguration, facts, 2.x SetVariableData; and where a
#: difference says of which field its two values are.
NAMING: Final = ("key", "variable", "path")
_NAMED_VALUES: Final = ("value", "attributeValue", "expected", "actual")


def is_sensitive(name: str) -> bool:
    """Whether a key of that name holds a secret; letter case, ``_``, ``-`` and a component's name do not matter."""
    return _normal(name) in _SENSITIVE


def is_credential_header(name: str) -> bool:
    """Whether a header of that name holds credentials; a mapping of that name holds none."""
    return _normal(name) in _CREDENTIAL_HEADERS


def is_of_the_environment(name: str) -> bool:
    """Whether an environment variable of that name holds a secret; there people abbreviate."""
    return _ENVIRONMENT.search(name) is not None


def names_secret(naming: Any) -> bool:
    """Whether what stands beside data names a secret: text, or a 2.x VariableType."""
    if isinstance(naming, Mapping):
        naming = naming.get("name")
    return isinstance(naming, str) and is_sensitive(naming)


def told_beside(mapping: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a mapping whose values are secret for what stands beside them."""
    if any(naming in mapping and names_secret(mapping[naming]) for naming in NAMING):
        yield from (name for name in _NAMED_VALUES if name in mapping)
    if "key" in mapping and "password" in mapping:
        # 2.x VPNType: its `key` is the shared secret.
        yield "key"


def texts_in(value: Any) -> Iterator[str]:
    """Every text in plain data, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def sensitive_values(data: Any) -> Iterator[Any]:
    """What plain data holds under sensitive keys, or beside a name that is one, at any depth, also in JSON texts."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if isinstance(key, str) and _holds_secret(key, value):
                yield value
            else:
                yield from sensitive_values(value)
        yield from (data[name] for name in told_beside(data))
        if names_secret(data.get("variable")):
            # 2.x ReportDataType: its attributes have other words beside the value.
            attributes = data.get("variableAttribute")
            for one in attributes if isinstance(attributes, list | tuple) else ():
                if isinstance(one, Mapping):
                    yield one.get("value")
    elif isinstance(data, list | tuple):
        for value in data:
            yield from sensitive_values(value)
    elif isinstance(data, str) and data[:1] in ("{", "["):
        try:
            inner = orjson.loads(data)
        except ValueError:
            return
        yield from sensitive_values(inner)


def _holds_secret(name: str, value: Any) -> bool:
    normal = _normal(name)
    return normal in _SENSITIVE or (normal in _CREDENTIAL_HEADERS and not isinstance(value, Mapping))


def _normal(name: str) -> str:
    return name.rpartition(".")[2].lower().replace("_", "").replace("-", "")
