"""Suites of our users, run by a pytest that is forked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.acceptance.forking import forker

#: Seconds for one suite, on however busy a machine.
_LIMIT = 300
# What a forked process has imported cannot be rewritten any more; Schemathesis is nothing of theirs, and slow to load.
_PYTEST = ("-m", "pytest", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:schemathesis")


def run_suite(directory: Path, *arguments: str) -> pytest.RunResult:
    """Run pytest in a directory.

    Args:
        directory: where.
        arguments: for pytest.
    """
    with forker().start(
        (*_PYTEST, *arguments), cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = process.communicate(timeout=_LIMIT)
    return pytest.RunResult(process.wait(), out.splitlines(), err.splitlines(), 0)
