"""YAML files that are no scenarios: the configuration of targets and of a Gateway, lists of cards.

They are read with the limits that scenarios have, and with the merge keys that scenarios do not have.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: What is wrong in a scenario only.
_HARMLESS = frozenset({"merge-key"})
#: Its hint is about scenarios.
_TOO_LARGE = "too-large"


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

    from ocpplab_runner.scenario.yaml_text import read_file

    document = read_file(path)
    for problem in document.diagnostics:
        if problem.code not in _HARMLESS:
            place = f":{problem.span.line}:{problem.span.column}" if document.text else ""
            hint = f"; {problem.hint}" if problem.hint and problem.code != _TOO_LARGE else ""
            raise PlainYamlError(f"{path}{place}: {_masked(problem.message + hint, document.text)}")
    try:
        return yaml.load(document.text, Loader=yaml.BaseLoader if texts else yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:  # what PyYAML's own tags and merge keys add to the rules
        mark = error.problem_mark or error.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise PlainYamlError(f"{path}{place}: {_masked(str(error.problem), document.text)}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise PlainYamlError(f"{path}: {_masked(' '.join(str(error).split()), document.text)}") from error


def _masked(message: str, text: str) -> str:
    from ocpplab_runner.scenario.source_secrets import masked, secrets_in

    return masked(message, secrets_in(text))
