"""The files for CI systems: what they run is run, as they would run it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from tests.acceptance.cli_kit import ROOT
from tests.acceptance.forking import command

PAGE = ROOT / "docs" / "ci.md"
_FILE = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
_INSTALLS = re.compile(r"(?:python -m )?pip install ")
PASSES = "steps: [{plug_connector: 1, expect: {connector_status: Preparing}}]\n"
FAILS = "steps: [{plug_connector: 1, expect: {connector_status: Charging}, within: 1m}]\n"


def file_of(name: str) -> str:
    """A file of the page."""
    (text,) = (match["text"] for match in _FILE.finditer(PAGE.read_text("utf-8")) if match["name"] == name)
    return text


def shell(script: str, here: Path, environment: Mapping[str, str] | None = None) -> int:
    """Run a script as CI systems do, with this runner installed; returns its exit code."""
    if _INSTALLS.match(script):
        return 0
    with TemporaryDirectory() as programs:
        path = f"{command(Path(programs)).parent}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, **(environment or {})}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], cwd=here, env=env, timeout=120, check=False
        ).returncode


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A repository with three scenarios, one of which fails."""
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    for number, steps in enumerate((PASSES, FAILS, PASSES)):
        (scenarios / f"{number}.yaml").write_text(f'name: Scenario {number}\nocpp: ["1.6"]\n{steps}')
    return tmp_path


def assert_reported(here: Path, junit: str = "out.xml", page: str = "run.html") -> None:
    """One report of all shards, and a trace of the failed case where JUnit says."""
    root = ET.parse(here / junit).getroot()
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    (attached,) = re.findall(r"\[\[ATTACHMENT\|(.*?)\]\]", ET.tostring(root, "unicode"))
    assert (here / attached).is_file()
    assert (here / page).stat().st_size > 10_000


def test_github(here: Path) -> None:
    """Three shards and their report, which fails, annotates and sums up."""
    jobs: Any = yaml.safe_load(file_of(".github/workflows/scenarios.yml"))["jobs"]
    shards = jobs["run"]["strategy"]["matrix"]["shard"]
    codes = [
        shell(step["run"], here, {"SHARD": str(shard)})
        for shard in shards
        for step in jobs["run"]["steps"]
        if "run" in step
    ]
    assert sorted(codes) == [0, 0, 0, 0, 0, 1]
    environment = {"GITHUB_WORKSPACE": str(here), "GITHUB_STEP_SUMMARY": str(here / "summary.md")}
    assert [shell(step["run"], here, environment) for step in jobs["report"]["steps"] if "run" in step] == [0, 1]
    assert_reported(here)
    assert (here / "summary.md").read_text("utf-8").startswith("## ❌ 2 passed, 1 failed")


def test_gitlab(here: Path) -> None:
    """The same by GitLab's own variables."""
    file: Any = yaml.safe_load(file_of(".gitlab-ci.yml"))
    of = file["scenarios"]["parallel"]
    codes = [
        shell(script, here, {"CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": str(of)})
        for index in range(1, of + 1)
        for script in file["scenarios"]["script"]
    ]
    assert sorted(codes) == [0, 0, 1]
    assert [shell(script, here) for script in file["report"]["script"]] == [1]
    assert_reported(here)
    assert file["report"]["artifacts"]["reports"]["junit"] in file["report"]["artifacts"]["paths"]


def test_jenkins(here: Path) -> None:
    """What stands between its quotes."""
    text = file_of("Jenkinsfile")
    scripts = [one or other for one, other in re.findall(r"sh '''(.*?)'''|sh '([^'\n]+)'", text, re.DOTALL)]
    assert [shell(script, here) for script in scripts] == [0, 1]
    assert_reported(here)
    assert text.count("{") == text.count("}")


def test_circleci(here: Path) -> None:
    """Its nodes count from 0."""
    job: Any = yaml.safe_load(file_of(".circleci/config.yml"))["jobs"]["scenarios"]
    runs = [step["run"] for step in job["steps"] if isinstance(step, dict) and "run" in step]
    tests = 0
    for index in range(job["parallelism"]):
        for script in runs:
            shell(script, here, {"CIRCLE_NODE_INDEX": str(index), "CIRCLE_NODE_TOTAL": str(job["parallelism"])})
        tests += int(ET.parse(here / "results" / "out.xml").getroot().get("tests", "0"))
    assert tests == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("scenarios -j 2", 1),
        ("scenarios -k 'Scenario and not \"Scenario 1\"'", 0),
        ("scenarios; touch pwned", 2),
        ("scenarios $(touch pwned)", 2),
    ],
)
def test_the_action(here: Path, arguments: str, code: int) -> None:
    """Its arguments are read as a shell would, and nothing in them is run."""
    action: Any = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (run,) = (step for step in action["runs"]["steps"] if step.get("id") == "run")
    assert "${{" not in run["run"]
    output = here / "output"
    environment = {"ARGUMENTS": arguments, "REPORTS": "reports", "GITHUB_OUTPUT": str(output), "GITHUB_ACTIONS": ""}
    assert shell(run["run"], here, environment) == code
    assert output.read_text() == f"exit-code={code}\n"
    assert not (here / "pwned").exists()
    assert (here / "reports" / "out.xml").exists() is (code != 2)


def test_the_image_has_what_it_copies() -> None:
    """And lets it through, where everything else is kept out of the build."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name


@pytest.mark.skipif(
    shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True).returncode != 0,
    reason="no builder of container images can run here",
)
def test_the_image_is_built_and_runs() -> None:
    """As nobody, with the runner as its program."""
    built = subprocess.run(
        ["docker", "build", "-q", str(ROOT)], capture_output=True, text=True, check=True, timeout=600
    )
    said = subprocess.run(["docker", "run", "--rm", built.stdout.strip(), "--version"], capture_output=True, check=True)
    assert said.stdout
