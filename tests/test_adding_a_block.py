"""The worked example of docs/architecture.md: a block is files of its own, and two lines elsewhere."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.test_architecture import PACKAGE

PAGE = PACKAGE.parent / "docs" / "architecture.md"
_FILES = re.compile(r"^```python\n# (?P<path>ocpplab_runner/\S+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
#: What the page leaves out of a file.
_LEFT_OUT = re.compile(r"^ *# …\n", re.MULTILINE)
_LINES = (
    "from ocpplab_runner.charger.blocks.display_message import DISPLAY_MESSAGE\n",
    "    DISPLAY_MESSAGE,\n",
)
SCENARIO = """\
name: A message is shown and taken away
ocpp: ["2.0.1"]
given: {state: booted}
steps:
  - csms_call:
      action: SetDisplayMessage
      payload: {message: {id: 7, priority: AlwaysFront, message: {format: UTF8, content: Hello}}}
    expect: {response: {status: Accepted}}
  - csms_call:
      action: GetVariables
      payload: {getVariableData: [{component: {name: DisplayMessageCtrlr}, variable: {name: DisplayMessages}}]}
    expect: {response: {getVariableResult: [{attributeValue: "1"}]}}
  - csms_call: {action: ClearDisplayMessage, payload: {id: 8}}
    expect: {response: {status: Unknown}}
"""


def test_a_block_is_its_own_files_and_two_lines(tmp_path: Path) -> None:
    """Without its folder and two lines the charger works and has no such block; nothing else is in the way."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    scenario = tmp_path / "shown.yaml"
    scenario.write_text(SCENARIO, "utf-8")
    assert _run(tmp_path, scenario) == "passed"
    blocks = tmp_path / PACKAGE.name / "charger" / "blocks"
    shutil.rmtree(blocks / "display_message")
    text = (blocks / "__init__.py").read_text("utf-8")
    for line in _LINES:
        assert text.count(line) == 1
        text = text.replace(line, "")
    (blocks / "__init__.py").write_text(text, "utf-8")
    assert _changed_lines(tmp_path / PACKAGE.name) == len(_LINES)
    assert _run(tmp_path, scenario) == "blocked"


def test_the_page_shows_the_block_as_it_is() -> None:
    """Every line of it, but for what it says that it leaves out."""
    page = PAGE.read_text("utf-8")
    files = {found["path"]: found["text"] for found in _FILES.finditer(page)}
    assert sorted(Path(path).name for path in files) == ["__init__.py", "v2.py"]
    for path, shown in files.items():
        there = (PACKAGE.parent / path).read_text("utf-8")
        for part in _LEFT_OUT.split(shown):
            assert part.strip("\n") in there, f"{path} has not:\n{part}"
    for line in _LINES:
        assert line.strip() in page


def _changed_lines(copy: Path) -> int:
    """How many lines have come or gone in the files that both the package and its copy have."""
    changed = 0
    for path in copy.rglob("*.py"):
        before, after = (one.read_text("utf-8").splitlines() for one in (PACKAGE / path.relative_to(copy), path))
        changed += sum(line.startswith(("+ ", "- ")) for line in difflib.ndiff(before, after)) if before != after else 0
    return changed


def _run(folder: Path, scenario: Path) -> str:
    """The verdict of the only case, by the runner that lies in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "ocpplab_runner", "run", str(scenario), "--strict"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    verdict = re.search(r"^(passed|failed|error|blocked)\b", done.stdout, re.MULTILINE)
    assert verdict is not None, done.stdout + done.stderr
    return verdict[1]
