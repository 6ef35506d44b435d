"""A plugin that ends the process does not end the run as if all were well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import cli

_SCENARIO = 'name: n\nocpp: ["1.6"]\nsteps: [{authorize_id_tag: CARD-1, expect: {auth_status: Invalid}}]\n'
_HOOK = "import os, sys\nfrom ocpplab_runner.api import hookimpl\n@hookimpl\ndef ocpplab_{}({}):\n    {}\n"
_REPORT = (
    "import os, sys\nfrom ocpplab_runner.api import hookimpl\n"
    "class Mine:\n"
    "    def handle(self, record):\n        {}\n"
    "    def close(self):\n        pass\n"
    "@hookimpl\ndef ocpplab_reports(options):\n    return [Mine()]\n"
)


@pytest.mark.parametrize("call", ["os._exit(0)", "sys.exit(0)", "raise BaseException('broken')"])
@pytest.mark.parametrize(
    ("plugin", "where"),
    [
        ("import os, sys\n{}\n", "plugin module 'ends'"),
        (_HOOK.format("verbs", "", "{}"), "plugin 'ends': ocpplab_verbs"),
        (_HOOK.format("collected", "cases", "{}"), "plugin 'ends': ocpplab_collected"),
        (_REPORT, "the report ends.Mine"),
    ],
)
def test_it_is_named_and_the_run_fails(tmp_path: Path, plugin: str, where: str, call: str) -> None:
    """At import, in a hook of the run, and in a report; whichever way it tries."""
    (tmp_path / "ends.py").write_text(plugin.format(call))
    (tmp_path / "a.yaml").write_text(_SCENARIO)
    done = cli("run", "a.yaml", "--plugin", "ends", cwd=tmp_path)
    told = call.removeprefix("raise ") if "exit" in call else "broken"
    assert (done.code, where in done.err, told in done.err) == (1, True, True), done
    assert "Traceback" not in done.out + done.err


def test_a_child_ends_by_it_as_ever(tmp_path: Path) -> None:
    """Whoever forks has to end the child so."""
    code = (
        "import os\nfrom ocpplab_runner.plugin import leaving\nleaving.forbid()\n"
        "child = os.fork()\nif child == 0:\n    os._exit(7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "try:\n    os._exit(0)\nexcept SystemExit as error:\n    print(type(error).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "7\nExitAtOnce\n"
