"""The distributions by themselves: they have all files, and docs/tutorial.md is true with them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
import tarfile
import time
import tomllib
import venv
import zipfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from build import ProjectBuilder
from build.env import DefaultIsolatedEnv
from packaging.requirements import Requirement

from tests.acceptance.cli_kit import ROOT
from tests.thoroughness import THOROUGH

_COMMAND = re.compile(r"^```console\n\$ (?P<command>[^\n]+)\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL)
_FRAGMENT = re.compile(r"^```yaml fragment\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
#: Runs a program of the environment, in a directory of the test's own.
Run = Callable[..., subprocess.CompletedProcess[str]]
#: Seconds for one command, on however busy a machine.
_LIMIT = 900


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """sdist and wheel of a copy of the sources, the wheel made from what the sdist holds."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    sources, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("dist")
    for name in listed.stdout.split("\0"):
        room, lower, _ = name.partition("/")
        # Elsewhere only Python could be packed by mistake, and the scenarios are a thousand files.
        if (not lower or room == "ocpplab_runner" or name.endswith(".py")) and (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, sources / name)
    with DefaultIsolatedEnv() as isolated:
        builder = ProjectBuilder.from_isolated_env(isolated, sources)
        isolated.install(builder.build_system_requires)
        sdist = Path(builder.build("sdist", out))
        with tarfile.open(sdist) as archive:
            # Python before 3.11.4 has no filters, and from 3.12 on one is asked for.
            archive.extractall(out, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        unpacked = sdist.with_name(sdist.name.removesuffix(".tar.gz"))
        return sdist, Path(ProjectBuilder.from_isolated_env(isolated, unpacked).build("wheel", out))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the programs of a virtual environment: an empty one, or one that has what pip would fetch."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=THOROUGH)
    if not THOROUGH:
        share_dependencies(Path(sysconfig.get_path("purelib", "venv", {"base": str(place)})))
    return place / "bin"


def share_dependencies(packages: Path) -> None:
    """Link pip and what the package declares to need, as they are installed here, and nothing else."""
    wanted = ["pip", *tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]]
    known = set[str]()
    for text in wanted:
        need = Requirement(text)
        if need.name in known or (need.marker is not None and not need.marker.evaluate({"extra": ""})):
            continue
        known.add(need.name)
        found = distribution(need.name)
        wanted += found.requires or ()
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(found.locate_file(top))


@pytest.fixture
def run(environment: Path, tmp_path: Path) -> Run:
    """Runs a program of that environment in an empty directory, with nothing of this one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    clean |= {"PATH": f"{environment}{os.pathsep}{os.environ['PATH']}", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    clean["PIP_COMPILE"] = "0"  # what is imported is compiled then; the rest of the packages would take seconds
    if not THOROUGH:
        clean["PIP_NO_INDEX"] = "1"  # the environment has all that is declared, or pip complains

    def ran(arguments: list[str], directory: str = "") -> subprocess.CompletedProcess[str]:
        program = [environment / arguments[0]] if arguments[0] != "pip" else [environment / "python", "-m", "pip"]
        options = {"cwd": tmp_path / directory, "env": clean, "capture_output": True, "text": True, "timeout": _LIMIT}
        return subprocess.run([*program, *arguments[1:]], stdin=subprocess.DEVNULL, check=False, **options)  # type: ignore[call-overload, no-any-return]

    return ran


def test_both_hold_every_file_of_the_package(distributions: tuple[Path, Path]) -> None:
    """Schemas, pages and templates too, and no tests."""
    sdist, wheel = distributions
    listed = subprocess.run(["git", "ls-files", "ocpplab_runner"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert files - inside == set()
    assert files - packed == set()
    assert {name for name in inside if name.startswith(("tests/", "docs/", "plugins/"))} == set()


def test_six_commands_from_an_empty_environment_to_a_mended_scenario(
    distributions: tuple[Path, Path],
    run: Run,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """docs/tutorial.md, command by command, with a stopwatch: it says what is shown, fails, and is mended."""
    page = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    commands = [(match["command"].split(), match["shown"].splitlines()) for match in _COMMAND.finditer(page)]
    assert len(commands) == 6
    install, new, check, failing, explain, passing = commands
    (tmp_path / distributions[1].name).write_bytes(distributions[1].read_bytes())
    scenario = tmp_path / "blocked.yaml"
    took = []

    def does(command: tuple[list[str], list[str]], code: int = 0) -> None:
        began = time.monotonic()
        done = run([distributions[1].name if word.endswith(".whl") else word for word in command[0]])
        took.append(round(time.monotonic() - began, 1))
        assert done.returncode == code, done.stdout + done.stderr
        for line in command[1]:
            assert line in done.stdout

    does(install)
    does(new)
    sound = scenario.read_text("utf-8")
    scenario.write_text(sound.replace("auth_status: Blocked", "auth_status: Accepted"), "utf-8")
    [fragment] = _FRAGMENT.findall(page)
    plain = [line.partition("  #")[0].rstrip() for line in scenario.read_text("utf-8").splitlines()]
    assert [line.partition("  #")[0].rstrip() for line in fragment.splitlines()] == plain[plain.index("steps:") :]
    does(check)
    does(failing, 1)
    assert (tmp_path / "report.html").stat().st_size > 20_000
    does(explain)
    scenario.write_text(sound, "utf-8")
    does(passing)
    record_property("seconds", took)
    print(f"seconds of each command: {took}, without the installation {sum(took[1:]):.1f}")


def test_what_needs_more_packages_says_so(distributions: tuple[Path, Path], run: Run, environment: Path) -> None:
    """Without extras the rest works; each command that wants one names it."""
    if not (environment / "ocpplab-runner").exists():
        installed = run(["pip", "install", "--quiet", str(distributions[1])])
        assert installed.returncode == 0, installed.stderr
    for arguments, extra in ((["gateway"], "gateway"), (["run", ".", "--watch"], "watch")):
        done = run(["ocpplab-runner", *arguments])
        assert (done.returncode, f"pip install 'ocpplab-runner[{extra}]'" in done.stderr) == (2, True)
    made = run(["ocpplab-runner", "new", "plugin", "acme-light"])
    assert made.returncode == 0
    done = run(["python", "-m", "pytest", "-q"], "acme-light")
    assert done.returncode == 0, done.stdout
