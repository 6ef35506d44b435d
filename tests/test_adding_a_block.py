"""The worked example of docs/architecture.md: a block is new files of its own, and two lines elsewhere."""

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
    """What the page says is all that there is to do: the scenario that was blocked passes."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    scenario = tmp_path / "shown.yaml"
    scenario.write_text(SCENARIO, "utf-8")
    assert _run(tmp_path, scenario) == "blocked"
    files = {tmp_path / found["path"]: found["text"] for found in _FILES.finditer(PAGE.read_text("utf-8"))}
    assert files
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    added = ["from ocpplab_runner.charger.blocks.display_message import DISPLAY_MESSAGE\n", "    DISPLAY_MESSAGE,\n"]
    blocks = tmp_path / "ocpplab_runner" / "charger" / "blocks" / "__init__.py"
    text = blocks.read_text("utf-8").replace("from ", added[0] + "from ", 1)
    blocks.write_text(text.replace("    PROVISIONING,\n", "    PROVISIONING,\n" + added[1]), "utf-8")
    assert _changed_lines(tmp_path / PACKAGE.name) == len(added) <= 4
    assert _run(tmp_path, scenario) == "passed"


def _changed_lines(copy: Path) -> int:
    """How many lines have come or gone in the files that both the package and its copy have."""
    changed = 0
    for path in PACKAGE.rglob("*.py"):
        before, after = (one.read_text("utf-8").splitlines() for one in (path, copy / path.relative_to(PACKAGE)))
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
