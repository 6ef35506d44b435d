"""What check says of ``covers``."""

from __future__ import annotations

import pytest

from .kit import load, steps


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AUTH-8z", "AUTH-8"),
        ("AUTH-13B", "AUTH-13b"),
        ("auth-4", "AUTH-4"),
        ("AUTH-99", "AUTH-9"),
        ("AUTH-everything", ""),
    ],
)
def test_an_id_that_looks_like_a_rule_and_is_none(name: str, meant: str) -> None:
    """A warning at the id, with the rule that was meant where one is near."""
    loaded = load(steps("- wait: 1s", f"covers: [TC_1, {name}]\n"))
    (found,) = loaded.diagnostics
    assert loaded.ok
    assert (found.code, found.severity) == ("no-such-rule", "warning")
    assert name in found.message
    assert f"'{meant}" in found.hint if meant else "authorization-rules" in found.hint


def test_other_ids_are_free() -> None:
    """Rules, certification cases and whatever a team calls its requirements."""
    ids = "[AUTH-13b, AUTH-R10, TC_023_3_CSMS, AUTHORIZE-1, auth]"
    assert load(steps("- wait: 1s", f"covers: {ids}\n")).diagnostics == []
