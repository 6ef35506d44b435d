from __future__ import annotations

import gc

import pytest

from ocpplab_runner.cli import app, garbage


def test_garbage_waits_until_a_command_has_started() -> None:
    """Nothing is looked for before; afterwards only among what is new."""
    garbage.postpone()
    assert not gc.isenabled()
    garbage.resume()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


@pytest.mark.parametrize("arguments", [["--version"], ["no-such-command"]])
def test_every_command_leaves_collection_on(arguments: list[str]) -> None:
    """Also one that ends before it has begun."""
    with pytest.raises(SystemExit):
        app.main(arguments)
    assert gc.isenabled()
    gc.unfreeze()
