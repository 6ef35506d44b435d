"""What all tests share."""

from __future__ import annotations

import importlib
import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from ocpplab_runner.cli import gc_tuning
from tests.thoroughness import THOROUGH, examples

# How long an example takes says how busy the machine is, and whether Hypothesis has made its tables before: neither is
# a fault of what is tested.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("sample", _calm, derandomize=True, database=None, max_examples=examples(100))
settings.register_profile("thorough", _calm)
settings.load_profile("thorough" if THOROUGH else "sample")
if not THOROUGH:
    # Hypothesis tries the constants of all our modules too. To find them each process takes a thousand files apart, and
    # the examples would be others whenever other modules have been imported before.
    providers._get_local_constants = lambda: providers._local_constants

# Thousands of tests are made at the start and stay to the end: looking for garbage among them takes a fifth of it.
gc_tuning.postpone()

_ROOT = Path(__file__).parents[1]
#: Folders whose files wait more than they compute.
_WAITING = ("acceptance", "everest", "gateway", "targets")
#: The part of the run in which these begin, so that at its end no process is still waiting alone.
_FIRST = 0.5


def pytest_collection(session: pytest.Session) -> None:
    """Let each worker begin at files of its own: it rewrites their assertions, and the others find them rewritten.

    In a fresh clone each would rewrite all of them, half of the time that collecting takes.
    """
    worker, source = os.environ.get("PYTEST_XDIST_WORKER"), session.config.args_source
    if worker and source is pytest.Config.ArgsSource.TESTPATHS:
        files = sorted(_ROOT.glob("tests/**/test_*.py"))
        begin = int(worker.removeprefix("gw")) * len(files) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for file in files[begin:] + files[:begin]:
            with suppress(Exception, pytest.skip.Exception):  # whatever it is, pytest will meet it too, and say it
                importlib.import_module(".".join(file.relative_to(_ROOT).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files of each folder over the whole run: some only wait, others only compute."""
    folders = defaultdict[str, list[Path]](list)
    for file in dict.fromkeys(item.path for item in items):
        folders[file.relative_to(_ROOT).parts[1]].append(file)
    places = {
        file: number / len(files) * (_FIRST if folder in _WAITING else 1)
        for folder, files in folders.items()
        for number, file in enumerate(files)
    }
    items.sort(key=lambda item: places[item.path])


def pytest_collection_finish() -> None:
    """What the tests make is looked through again."""
    gc_tuning.resume()
