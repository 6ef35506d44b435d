"""What a plugin's hook gives is looked at before it is used: what is no answer names the plugin and the hook."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from types import SimpleNamespace
from typing import Any

import pytest

from ocpplab_runner.api import hookimpl
from ocpplab_runner.plugin.calling import MOST, PluginError
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.steps import builtin


class _BadRepr:
    def __repr__(self) -> str:
        raise RuntimeError


def _plugins(hook: str, answer: Any, arguments: tuple[str, ...]) -> Plugins:
    space: dict[str, Any] = {"hookimpl": hookimpl, "answer": answer}
    exec(f"@hookimpl\ndef ocpplab_{hook}({', '.join(arguments)}): return answer\n", space)
    return Plugins([builtin], {"bad": SimpleNamespace(**{f"ocpplab_{hook}": space[f"ocpplab_{hook}"]})})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (5, "raised TypeError"),
        ([None], "gives None, which is no "),
        ("text", "gives 't', which is no "),
        (["x" * 10**6], "which is no "),
        ([_BadRepr()], "gives something of the type _BadRepr, which is no "),
        ([lambda: 1], "gives something of the type function, which is no "),
        ({"a": 1}, "gives 'a', which is no "),
        (repeat(None), f"gives more than {MOST:,}"),
    ],
)
@pytest.mark.parametrize("hook", ["options", "verbs", "facets", "matchers", "reports"])
def test_what_is_no_answer(hook: str, answer: Iterable[Any], told: str) -> None:
    """Of the wrong type, of none, without end."""
    arguments = ("options",) if hook == "reports" else ()
    with pytest.raises(PluginError, match=f"plugin 'bad': ocpplab_{hook} ") as found:
        _plugins(hook, answer, arguments).reports({})
    assert told in str(found.value)
    assert len(str(found.value)) < 1000


@pytest.mark.parametrize("answer", [5, "text", [None], object()])
def test_a_target_that_is_none(answer: Any) -> None:
    """It is told before a case asks it for anything."""
    plugins = _plugins("target", answer, ("kind", "name", "options"))
    with pytest.raises(PluginError, match=r"the target 't' of plugin 'bad' is .*, which is no Target"):
        plugins.target("mine", "t", {})
