"""Every code and its explanation, from the tables that also make the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS, ViolationRule
from ocpplab_runner.vocabulary.call_errors import CALL_ERRORS
from ocpplab_runner.vocabulary.certification import CATALOGUES, catalogue
from ocpplab_runner.vocabulary.outcomes import EXIT_CODES, VERDICTS
from ocpplab_runner.vocabulary.quirks import QUIRKS
from ocpplab_runner.vocabulary.rules import RULES

#: Beside this module; `make docs` writes it from docs/diagnostics.md.
DIAGNOSTICS = "diagnostics.json"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means.

    Attributes:
        code: as it is printed.
        kind: what sort of code it is (``violation``).
        text: Markdown.
    """

    code: str
    kind: str
    text: str


def explanations() -> list[Explanation]:
    """All of them, by kind. A code that stands for two things, if ever there is one, has two."""
    return [Explanation(code, kind, text) for kind, code, text in _all()]


def _all() -> Iterator[tuple[str, str, str]]:
    for number, meaning in EXIT_CODES.items():
        yield "exit code", str(number), _sentence(meaning)
    for verdict, meaning in VERDICTS.items():
        yield "verdict", verdict, meaning
    for code, text in json.loads((resources.files(__package__) / DIAGNOSTICS).read_text("utf-8")).items():
        yield "diagnostic of check", code, text
    for code, rule in FRAME_VIOLATIONS.items():
        yield "violation of the protocol", code, _violation(code, rule, "The peer")
    for code, rule in VIOLATIONS.items():
        yield "violation of the protocol", code, _violation(code, rule, "The charger")
    for code, meaning in CALL_ERRORS.items():
        yield "CALLERROR", code, _sentence(meaning)
    for code, sentence in RULES.items():
        yield "authorization rule", code, sentence
    for quirk, facts in QUIRKS.items():
        yield "quirk of EVerest", quirk, f"{facts.summary}\n\nWithout it: {facts.instead}\n\nIt bends {facts.rule}."
    for name in CATALOGUES:
        for case in catalogue(name).cases.values():
            shown = "".join(f"\n- {one}" for one in case.obligations)
            told = f"\n\nWhoever is tested must show:\n{shown}" if shown else ""
            yield f"certification case of {name}", case.id, f"{_sentence(case.title)}{told}"


def _violation(code: str, rule: ViolationRule, who: str) -> str:
    return (
        f"{who} {rule.told}.\n\nWeight: {rule.weights}. Source: {rule.source}.\n\n"
        "It is told whatever becomes of the case; `--strict` fails a case for those that weigh `must`. A step looks "
        f"for it with `expect: {{violation: {code}}}`."
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
