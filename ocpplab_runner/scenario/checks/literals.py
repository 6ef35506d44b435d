"""Text that is taken as it is written, though its writer may have thought it would be computed."""

from __future__ import annotations

import re
from typing import Any

from ocpplab_runner.scenario.checks.scope import Check, Related
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.vocabulary.texts import shortened

#: ``{{ name }}``, ``$ {{ name }}`` and ``${ name }``, as other tools write it; ``${NAME}`` is left to the shell.
_LOOKS_COMPUTED = re.compile(r"(?<!\$)(?:\$ +)?\{\{\s*([A-Za-z_][\w.\[\]]*)\s*\}\}|\$\{ *([A-Za-z_][\w.]*) +\}")
_NAME = re.compile(r"[A-Za-z]\w*")


def check_literals(check: Check, document: Document, related: Related = ()) -> None:
    """Refuse expressions in keys, and warn of text that only looks like one."""
    text = document.text
    escaped = "\\" in text
    keys = escaped or "${{" in text
    texts = escaped or _LOOKS_COMPUTED.search(text) is not None
    if keys or texts:
        _walk(check, document, related, document.root)


def _walk(check: Check, document: Document, related: Related, container: Any) -> None:
    if isinstance(container, dict):
        for key, value in container.items():
            if "${{" in key:
                check.meant.update(_NAME.findall(key))
                message = "a key is not computed: this would be taken as it is written"
                hint = "only values are; write the key out, or make it a file or step of its own"
                span = document.key_span(container, key)
                check.report(document, span, "expression-in-key", message, hint, related=related)
            _value(check, document, related, container, key, value)
    elif isinstance(container, list):
        for index, value in enumerate(container):
            _value(check, document, related, container, index, value)


def _value(check: Check, document: Document, related: Related, container: Any, key: str | int, value: Any) -> None:
    if isinstance(value, str):
        found = _LOOKS_COMPUTED.search(value) if "{" in value else None
        if found is not None:
            check.meant.update(_NAME.findall(found[0]))
            message = f"'{shortened(found[0].strip())}' is not computed: it is taken as it is written"
            hint = f"an expression is ${{{{ {found[1] or found[2]} }}}}, without a blank behind the $"
            span = document.value_span(container, key)
            check.report(document, span, "not-computed", message, hint, related=related, severity="warning")
    elif isinstance(value, dict | list):
        _walk(check, document, related, value)
