"""The schema of scenario files as editors get it: what is written, before it is read; each part of it once."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.editor_help import help_editors
from ocpplab_runner.scenario.editor_payloads import complete_payloads
from ocpplab_runner.scenario.everyday import everyday_schema
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.schema import build_schema
from ocpplab_runner.scenario.shared_parts import compact, share_parts

Schema = dict[str, Any]

_NAMED = ("definitions", "p")


def build_editor_schema(registry: Registry, *, payloads: bool = False) -> Schema:
    """The draft-07 schema of scenario files, as people write them.

    Args:
        registry: of the language.
        payloads: whether OCPP's own actions and the keys of their payloads are in it, which makes it a sixth longer.
    """
    schema = everyday_schema(build_schema(registry))
    help_editors(schema, registry)
    if payloads:
        complete_payloads(schema, registry)
    definitions, parts = share_parts(schema["definitions"])
    return {**schema, "definitions": definitions, "p": parts}


def editor_schema_text(registry: Registry, *, payloads: bool = False) -> str:
    """The same as a file: without blanks, and each definition on a line, so that two of them can be compared."""
    schema = build_editor_schema(registry, payloads=payloads)
    head = compact({key: value for key, value in schema.items() if key not in _NAMED})
    for key in _NAMED:
        lines = ",\n".join(f"{compact(name)}:{compact(one)}" for name, one in schema[key].items())
        head = f"{head[:-1]},{compact(key)}:{{\n{lines}\n}}}}"
    return head + "\n"
