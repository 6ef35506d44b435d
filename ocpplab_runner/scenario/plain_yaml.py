"""YAML files that are no scenarios: the configuration of targets and of a Gateway, lists of cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class PlainYamlError(ValueError):
    """A file cannot be read or is no YAML; the text begins with its place."""


def read_plain_yaml(path: Path, *, texts: bool = False) -> Any:
    """The content of a YAML file.

    Args:
        path: the file.
        texts: leave every scalar the text that it is written as: cards and names are often digits.

    Raises:
        PlainYamlError: ``file: reason`` or, where it is no YAML, ``file:line:column: reason``.
    """
    # Most commands read no such file.
    import yaml

    try:
        return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader if texts else yaml.SafeLoader)
    except OSError as error:
        raise PlainYamlError(f"{path}: {error.strerror or error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        context = f" {error.context}" if error.context else ""
        raise PlainYamlError(f"{path}{place}: {error.problem}{context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise PlainYamlError(f"{path}: {' '.join(str(error).split())}") from error
