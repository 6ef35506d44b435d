"""Completion in the shells, by click's own scripts, as docs/command-line.md has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT

PROGRAM = "ocpplab-runner"
#: What is typed → what must be among the proposals.
TYPED = {
    "ocpplab-runner ru": "run",
    "ocpplab-runner explain late-": "late-answer",
    "ocpplab-runner steps plug_": "plug_connector",
    "ocpplab-runner new --happens remote-st": "remote-start",
    "ocpplab-runner run --shu": "--shuffle",
    "ocpplab-runner run --junit-flavor ext": "extended",
}
_BASH = """
eval "$(_OCPPLAB_RUNNER_COMPLETE=bash_source ocpplab-runner)"
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_ocpplab_runner_completion ocpplab-runner
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
_ZSH = """
compdef() {{ }}; compadd() {{ print -l -- ${{(P)@[-1]}} }}; _describe() {{ print -l -- ${{(P)3}} }}
eval "$(_OCPPLAB_RUNNER_COMPLETE=zsh_source ocpplab-runner)"
words=({words}); CURRENT=${{#words}}
_ocpplab_runner_completion
"""
_FISH = """
_OCPPLAB_RUNNER_COMPLETE=fish_source ocpplab-runner | source
complete -C "{words}"
"""
SHELLS = {"bash": (("bash", "-c"), _BASH), "zsh": (("zsh", "-f", "-c"), _ZSH), "fish": (("fish", "-N", "-c"), _FISH)}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which the command is found."""
    directory = tmp_path_factory.mktemp("bin")
    program = directory / PROGRAM
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ocpplab_runner "$@"\n', "utf-8")
    program.chmod(0o755)
    return f"{directory}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("typed", TYPED)
def test_a_shell_completes(shell: str, typed: str, path: str) -> None:
    """Commands, options, values, and our own names."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command, script = SHELLS[shell]
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, script.format(words=typed)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    proposed = {line.partition("\t")[0].partition(":")[0].strip() for line in done.stdout.splitlines()}
    assert TYPED[typed] in proposed, done.stdout + done.stderr
    assert not done.stderr


def test_a_wrong_question_is_no_crash(path: str) -> None:
    """click says no, and the exit code does."""
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "_OCPPLAB_RUNNER_COMPLETE": "csh_source"}
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "internal error" not in done.stderr


def test_the_page_says_how(path: str) -> None:
    """For each shell, the line that is tested here."""
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    for shell in SHELLS:
        assert f"_OCPPLAB_RUNNER_COMPLETE={shell}_source ocpplab-runner" in page


def test_paths_are_left_to_the_shell(path: str, tmp_path: Path) -> None:
    """It knows best which files there are."""
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "_OCPPLAB_RUNNER_COMPLETE": "bash_complete"}
    environment |= {"COMP_WORDS": "ocpplab-runner run sc", "COMP_CWORD": "2"}
    done = subprocess.run(
        [PROGRAM], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "file,sc\n"
