from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ocpplab_runner.cli import app, gc_tuning


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    """What the commands change in this process is undone."""
    threshold, frozen = gc.get_threshold(), gc.get_freeze_count() > 0
    yield
    if not frozen:
        gc.unfreeze()
    gc.set_threshold(*threshold)


def test_garbage_waits_until_a_command_has_started() -> None:
    """Nothing is looked for before; afterwards only among what is new."""
    gc_tuning.postpone()
    assert not gc.isenabled()
    gc_tuning.resume()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize("arguments", [["--version"], ["no-such-command"]])
def test_every_command_leaves_collection_on(arguments: list[str]) -> None:
    """Also one that ends before it has begun."""
    with pytest.raises(SystemExit):
        app.main(arguments)
    assert gc.isenabled()
