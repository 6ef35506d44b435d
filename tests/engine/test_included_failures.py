"""A failure in an included step: where it is, and who included it."""

from __future__ import annotations

from pathlib import Path

from tests.engine.suite_kit import run_texts


def test_the_way_to_a_failed_step_is_told(tmp_path: Path) -> None:
    """Each include on the way, the innermost first; a step of the scenario itself has none."""
    (tmp_path / "_lib.yaml").write_text("fragments:\n  bad:\n    - fail: on purpose\n", "utf-8")
    text = """
steps:
  - include: "#outer"
fragments:
  outer:
    - log: x
    - include: _lib.yaml#bad
"""
    outcome = run_texts(tmp_path, text)
    failed = outcome.end()["failure"]
    assert (Path(failed["file"]).name, failed["line"]) == ("_lib.yaml", 3)
    assert [place.rpartition("/")[2] for place in failed["included_at"]] == ["a.yaml:9", "a.yaml:5"]
    plain = run_texts(tmp_path, "steps: [{fail: on purpose}]").end()["failure"]
    assert "included_at" not in plain
