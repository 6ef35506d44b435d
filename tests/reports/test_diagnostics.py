from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.reports.diagnostics import as_data, excerpt, full, invalid_records, render
from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Diagnostic, Span

TYPO = Diagnostic(
    Path("a.yaml"),
    Span(4, 5, 4, 11),
    "unknown-key",
    "unknown key 'timout'",
    "did you mean 'timeout'?",
    related=((Path("b.yaml"), Span(1, 2, 1, 3), "included from here"),),
)


def source_line(path: Path, line: int) -> str:
    return "    timout: 30s"


def test_full_shows_the_line_and_points_at_the_problem() -> None:
    """Place, message, code; the line; carets; the hint; further places."""
    assert list(full(as_data(TYPO, source_line))) == [
        "a.yaml:4:5: error: unknown key 'timout' [unknown-key]",
        "   4 |     timout: 30s",
        "     |     ^^^^^^",
        "     = did you mean 'timeout'?",
        "     = included from here: b.yaml:1:2",
    ]


def test_concise_is_one_line_each() -> None:
    """As compilers do, so that editors can jump there."""
    assert render([as_data(TYPO, source_line)], "concise") == (
        "a.yaml:4:5: unknown key 'timout' (did you mean 'timeout'?) [unknown-key]"
    )


def test_json_is_a_list_with_everything() -> None:
    """For programs, also when it is empty."""
    (data,) = json.loads(render([as_data(TYPO, source_line)], "json"))
    assert (data["line"], data["column"], data["end_column"], data["severity"]) == (4, 5, 11, "error")
    assert json.loads(render([], "json")) == []


def test_github_is_an_annotation() -> None:
    """With the code as its title."""
    assert render([as_data(TYPO, source_line)], "github") == (
        "::error file=a.yaml,line=4,col=5,title=unknown-key::unknown key 'timout' (did you mean 'timeout'?)"
    )


@pytest.mark.parametrize(
    ("source", "span", "carets"),
    [
        ("ab", Span(1, 1, 1, 3), "^^"),
        ("ab", Span(1, 3, 1, 3), "  ^"),
        ("ab", Span(1, 9, 1, 12), "  ^"),
        ("abc def", Span(1, 5, 3, 1), "    ^^^"),
        ("日本: x", Span(1, 5, 1, 6), "      ^"),
        ("日本", Span(1, 1, 1, 3), "^^^^"),
    ],
)
def test_carets_stand_below_their_text(source: str, span: Span, carets: str) -> None:
    """At the end of a line, over several lines, and below wide characters."""
    data = as_data(Diagnostic(Path("a"), span, "c", "m"), lambda *_: source)
    assert list(excerpt(data))[1] == "     | " + carets


def test_a_long_line_is_cut_around_the_problem() -> None:
    """A line of a megabyte is not printed."""
    source = "x" * 5000 + "BAD" + "y" * 5000
    lines = list(excerpt(as_data(Diagnostic(Path("a"), Span(1, 5001, 1, 5004), "c", "m"), lambda *_: source)))
    assert len(lines[0]) < 200
    assert lines[0][lines[1].index("^") :].startswith("BAD")


def test_a_problem_of_the_whole_file_has_no_excerpt() -> None:
    """There is no line to show."""
    data = as_data(Diagnostic(Path("a"), WHOLE_FILE, "not-utf8", "not UTF-8"), lambda *_: "")
    assert list(full(data)) == ["a:1:1: error: not UTF-8 [not-utf8]"]


def test_only_files_with_errors_are_refused() -> None:
    """A warning alone does not stop a run; beside an error it is shown with it."""
    warning = Diagnostic(Path("w.yaml"), WHOLE_FILE, "c", "m", severity="warning")
    beside = Diagnostic(Path("a.yaml"), WHOLE_FILE, "c", "m", severity="warning")
    (record,) = invalid_records([TYPO, warning, beside], source_line)
    assert (record["file"], len(record["diagnostics"])) == ("a.yaml", 2)


@given(st.text(st.characters(exclude_categories=[])), *[st.integers(1, 300) for _ in range(4)])
@settings(deadline=None)
def test_any_span_in_any_line_can_be_shown(source: str, line: int, column: int, lines: int, end: int) -> None:
    """A wrong span is no reason to crash, and control characters are not printed."""
    span = Span(line, column, line + lines - 1, end)
    for shown in full(as_data(Diagnostic(Path("a"), span, "c", "m"), lambda *_: source)):
        assert shown.isprintable()
