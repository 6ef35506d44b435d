"""Where in ``ocpplab.yaml`` an option of a target stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ocpplab_runner.targets.configuration import FILE_NAME
from ocpplab_runner.targets.option_values import OptionError


def place_of(error: OptionError, target: str, directory: Path) -> str:
    """``file:line:column`` of what is wrong; the file alone where the option does not stand in it.

    Args:
        error: of an option.
        target: whose option it is.
        directory: of the file.
    """
    import yaml

    path = directory / FILE_NAME
    try:
        text = path.read_text("utf-8")
        root = yaml.compose(text)
    except (OSError, ValueError, yaml.YAMLError):
        return FILE_NAME
    node, found = _below(_below(root, "targets")[0], target)
    if not found:
        return FILE_NAME
    rest = error.where
    while found and rest:
        node, rest, found = _step(node, rest)
    start, end = node.start_mark, node.end_mark
    at = text.find(error.near, start.index, end.index) if error.near else -1
    line, column = (start.line, start.column) if at < 0 else _line_and_column(text, at)
    return f"{FILE_NAME}:{line + 1}:{column + 1}"


def _below(node: Any, key: str) -> tuple[Any, bool]:
    for name, value in getattr(node, "value", None) or ():
        if getattr(name, "value", None) == key:
            return value, True
    return node, False


def _step(node: Any, where: str) -> tuple[Any, str, bool]:
    """One key further: keys may have dots of their own, as OCPP versions do."""
    if not isinstance(getattr(node, "value", None), list):
        return node, where, False
    for entry in node.value:
        name, value = entry if isinstance(entry, tuple) else (None, entry)
        key = str(getattr(name, "value", ""))
        if key and (where == key or where.startswith(f"{key}.")):
            return value, where[len(key) + 1 :], True
    return node, where, False


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)
