"""The recipe of docs/gateway.md for CI, run as its reader would: processes, sockets, files of those names."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.acceptance.cli_kit import ROOT
from tests.acceptance.test_documentation import blocks

PAGE = ROOT / "docs" / "gateway.md"
_TITLE = re.compile(r'python title="(?P<name>[\w.]+)"')


def files() -> dict[str, str]:
    """The Python of the page by file name."""
    titled = ((_TITLE.fullmatch(info), text) for info, text in blocks(PAGE))
    return {title["name"]: text for title, text in titled if title}


def job() -> dict[str, Any]:
    """The CI job."""
    documents = [yaml.safe_load(text) for info, text in blocks(PAGE) if info == "yaml"]
    (found,) = [document["jobs"]["chargers"] for document in documents if "jobs" in document]
    return dict(found)


def free_ports(count: int) -> list[str]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def environment(**more: str) -> dict[str, str]:
    """With this interpreter's commands first in the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, **more}


@contextmanager
def shell(script: str, directory: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Bash as a CI runs it; what it has left in the background ends with the block."""
    process = subprocess.Popen(
        ["bash", "-e", "-c", script],
        cwd=directory,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)


def test_every_python_example_is_a_file_that_the_tests_run() -> None:
    """A new example without a name, or with one that nobody runs, is noticed."""
    assert set(files()) == {"csms.py", "client.py", "conftest.py", "test_chargers.py"}
    assert [info for info, _ in blocks(PAGE) if info.startswith("python")] == [
        f'python title="{name}"' for name in files()
    ]


def test_the_ci_job_charges_a_car(tmp_path: Path) -> None:
    """Its steps, in their order, with the page's CSMS and client; only the ports are others."""
    gateway_port, csms_port = free_ports(2)

    def moved(text: str) -> str:
        return text.replace("8080", gateway_port).replace("9000", csms_port)

    for name in ("csms.py", "client.py"):
        (tmp_path / name).write_text(moved(files()[name]), "utf-8")
    steps = [step["run"] for step in job()["steps"] if "run" in step and "if" not in step]
    assert steps[0].startswith("pip install")
    given = {name: moved(value) for name, value in job()["env"].items()}
    script = moved("\n".join(steps[1:])) + "\necho done\n"
    with shell(script, tmp_path, environment(**given)) as process:
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
        process.wait(timeout=60)
        logs = "".join((tmp_path / name).read_text("utf-8") for name in ("csms.log", "gateway.log"))
        assert process.returncode == 0, told + logs
        assert told.endswith("CP-1 charges\ndone\n"), told
        assert "Traceback" not in logs and "gateway listens on" in logs


def test_the_client_ends_with_an_error_where_the_token_is_wrong(tmp_path: Path) -> None:
    """It does not poll for ever, nor go on with an answer that is a refusal."""
    script = """
        ocpplab-runner gateway --port 0 > gateway.log 2>&1 &
        for _ in $(seq 300); do grep -q 'listens on' gateway.log && break; sleep 0.1; done
        export OCPPLAB_BASE_URL=$(sed -n 's/.*listens on //p' gateway.log)
        python client.py
    """
    (tmp_path / "client.py").write_text(files()["client.py"], "utf-8")
    wrong = environment(OCPPLAB_GATEWAY_TOKEN="right", OCPPLAB_TOKEN="wrong", OCPPLAB_WS_URL="ws://127.0.0.1:1/ocpp")
    with shell(script, tmp_path, wrong) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        assert process.wait(timeout=60) != 0
        assert "401 Unauthorized" in told


def test_the_fixture_starts_a_gateway_and_stops_it(tmp_path: Path) -> None:
    """In a pytest of its own, which takes every warning for an error."""
    for name in ("conftest.py", "test_chargers.py"):
        (tmp_path / name).write_text(files()[name], "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
