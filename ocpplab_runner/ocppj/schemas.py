"""The OCPP JSON schemas that the ``ocpp`` library carries, found without importing it and read when first needed."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

import orjson

from ocpplab_runner.vocabulary.versions import OcppVersion

_FOLDERS = {OcppVersion.V16: "v16", OcppVersion.V201: "v201", OcppVersion.V21: "v21"}


@functools.cache
def _folder(version: OcppVersion) -> Path:
    spec = importlib.util.find_spec("ocpp")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the ocpp library is not installed: its JSON schemas are needed")
    return Path(spec.submodule_search_locations[0]) / _FOLDERS[version] / "schemas"


@functools.cache
def _names(version: OcppVersion) -> frozenset[str]:
    return frozenset(path.stem for path in _folder(version).glob("*.json"))


@functools.cache
def actions(version: OcppVersion) -> frozenset[str]:
    """The actions that a CALL of that version may carry, in either direction."""
    if version is OcppVersion.V16:
        return frozenset(name for name in _names(version) if not name.endswith("Response"))
    return frozenset(name.removesuffix("Request") for name in _names(version) if name.endswith("Request"))


@functools.cache
def send_actions(version: OcppVersion) -> frozenset[str]:
    """The actions that a SEND of that version may carry: none before 2.1 (Part 4 section 4.2.4)."""
    if version is OcppVersion.V16:
        return frozenset()
    return frozenset(name for name in _names(version) if not name.endswith(("Request", "Response")))


def is_known_action(version: OcppVersion, action: str) -> bool:
    """Whether a CALL of that version may carry that action; letter case counts (OCPP-J 4.2.1, Part 4 4.2.1)."""
    return action in actions(version)


def request_schema(version: OcppVersion, action: str) -> dict[str, Any]:
    """The schema of a CALL's payload, as the library has it. The caller must not change it.

    Raises:
        KeyError: the version has no such action.
    """
    if action not in actions(version):
        raise KeyError(f"OCPP {version.value} has no action {action}")
    return load(version, action if version is OcppVersion.V16 else f"{action}Request")


def response_schema(version: OcppVersion, action: str) -> dict[str, Any]:
    """The schema of a CALLRESULT's payload. The caller must not change it.

    Raises:
        KeyError: the version has no such action.
    """
    if action not in actions(version):
        raise KeyError(f"OCPP {version.value} has no action {action}")
    return load(version, f"{action}Response")


def send_schema(version: OcppVersion, action: str) -> dict[str, Any]:
    """The schema of a SEND's payload (2.1). The caller must not change it.

    Raises:
        KeyError: the version has no such unconfirmed message.
    """
    if action not in send_actions(version):
        raise KeyError(f"OCPP {version.value} has no unconfirmed message {action}")
    return load(version, action)


@functools.cache
def load(version: OcppVersion, name: str) -> dict[str, Any]:
    """One schema file by its name without ``.json``."""
    # OCPP's own files of 2.0 begin with a byte order mark, of which JSON knows nothing.
    content = (_folder(version) / f"{name}.json").read_bytes().removeprefix(b"\xef\xbb\xbf")
    schema: dict[str, Any] = orjson.loads(content)
    return schema
