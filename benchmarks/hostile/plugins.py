"""Plugins that misbehave in a hook, as data: each is told by its name, and none turns a run into a pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

_SCENARIO = 'name: n\nocpp: ["1.6"]\nsteps: [{authorize_id_tag: CARD-1, expect: {auth_status: Invalid}}]\n'
#: Hooks that are called once for a run, and those of a case, with their arguments.
_OF_A_RUN = {
    "options": "",
    "verbs": "",
    "facets": "",
    "matchers": "",
    "reports": "options",
    "configure": "options",
    "check_file": "path",
    "collected": "cases",
    "target": "kind, name, options",
}
_OF_A_CASE = {
    "case_begin": "case",
    "case_end": "case, verdict, reason",
    "step_begin": "case, step",
    "step_end": "case, step",
    "event": "case, event",
    "check_case": "case",
}
#: What the hook does; all of it must be told, none may pass.
_DEEDS = {
    "raises": "raise ValueError('broken')",
    "raises-nothing-known": "raise BaseException('broken')",
    "exits": "sys.exit(0)",
    "exits-at-once": "os._exit(0)",
    "interrupts": "raise KeyboardInterrupt",
    "recurses": "boom()",
    "says-too-much": "raise ValueError('x' * 10**7)",
}
#: Only in the process that runs a case.
_DEEDS_OF_A_CASE = {
    **_DEEDS,
    "closes-everything": "os.closerange(3, 1024)",
    "kills-itself": "os.kill(os.getpid(), 9)",
    "hangs": "time.sleep(600)",
}
#: What those hooks return that return something, instead of it.
_RETURNS = ("5", "[None]", "[object()]", "'text'", "[lambda: 1]", "{'a': 1}", "iter(lambda: 1, 2)")
_RETURNING = ("options", "verbs", "facets", "matchers", "reports", "check_case", "target")
#: At the import of the module.
_IMPORTS = {
    "exits-at-once": "os._exit(0)",
    "exits": "sys.exit(0)",
    "raises": "raise BaseException",
    "interrupts": "raise KeyboardInterrupt",
    "syntax": "def",
    "bytes": "\x00",
    "empties-path": "sys.path.clear(); sys.exit()",
    "exits-at-once-in-a-thread": (
        "import threading\nt = threading.Thread(target=os._exit, args=[0])\nt.start()\nt.join()\nraise KeyError"
    ),
}
#: Whatever a plugin may do to its process without harm to the result: the run still passes, and still in time.
_BEARABLE = {
    "changes-directory": "os.chdir('/')",
    "ignores-signals": "[signal.signal(number, signal.SIG_IGN) for number in (2, 15)]",
    "starts-a-thread": "threading.Thread(target=time.sleep, args=[600]).start()",
    "silences-print": "builtins.print = lambda *_, **__: 1 / 0",
    "seeds-randomness": "random.seed(0)",
    "stops-collecting": "gc.disable()",
    "filters-warnings": "warnings.simplefilter('error')",
    "forks": "time.sleep(600) if os.fork() == 0 else None",
}
_HEAD = """\
import builtins, gc, os, random, signal, sys, threading, time, warnings
from ocpplab_runner.api import hookimpl


def boom():
    boom()
"""


_REPORT = """\


class Report:
    def handle(self, record):
        {}

    def close(self):
        pass


@hookimpl
def ocpplab_reports(options):
    return [Report()]
"""


@dataclass(frozen=True, slots=True)
class Misdeed:
    """What one plugin does.

    Attributes:
        name: of the attack.
        files: of its directory.
        may_pass: whether it does no harm to the result.
        named: whether the message must name the plugin: not where it ends a process that can say nothing more.
        codes: how the run may end.
    """

    name: str
    files: dict[str, bytes]
    may_pass: bool = False
    named: bool = True
    codes: Collection[int] = (1, 2)


#: Of :data:`Misdeed`.
ARGUMENTS = ["hostile.yaml", "--plugin", "bad_plugin", "--jsonl", "out.jsonl"]


def hostile_plugins() -> Iterator[Misdeed]:
    """All of them."""
    for (hook, given), (deed, code) in product(_OF_A_RUN.items(), _DEEDS.items()):
        interrupts = deed == "interrupts"  # as Ctrl-C does
        wrong_options = hook == "target" and "ValueError" in code  # as its documentation says
        yield _misdeed(
            f"{hook}-{deed}",
            _hook(hook, given, code),
            named=not (interrupts or wrong_options),
            codes=(130,) if interrupts else (1, 2),
        )
    for (hook, given), (deed, code) in product(_OF_A_CASE.items(), _DEEDS_OF_A_CASE.items()):
        speechless = deed in ("exits-at-once", "closes-everything", "kills-itself", "hangs")
        yield _misdeed(f"{hook}-{deed}", _hook(hook, given, code), named=not speechless)
    for hook, value in product(_RETURNING, _RETURNS):
        given = (_OF_A_RUN | _OF_A_CASE)[hook]
        yield _misdeed(f"{hook}-returns-{value}", _hook(hook, given, f"return {value}"))
    for deed, code in _DEEDS.items():
        interrupts = deed == "interrupts"
        yield _misdeed(
            f"report-{deed}", _HEAD + _REPORT.format(code), named=not interrupts, codes=(130,) if interrupts else (1,)
        )
    for deed, code in _IMPORTS.items():
        interrupts = deed == "interrupts"
        codes = (130,) if interrupts else (1, 2)
        yield _misdeed(f"import-{deed}", f"import os, sys\n{code}\n", named=not interrupts, codes=codes)
    for (hook, given), (deed, code) in product((("verbs", ""), ("case_begin", "case")), _BEARABLE.items()):
        if (hook, deed) != ("verbs", "forks"):  # whose child is nobody's worker, and may outlive the run
            yield _misdeed(f"{hook}-{deed}", _hook(hook, given, f"{code}\n    return ()"), may_pass=True, codes=(0,))


def _hook(name: str, arguments: str, code: str) -> str:
    return f"{_HEAD}\n\n@hookimpl\ndef ocpplab_{name}({arguments}):\n    {code}\n"


def _misdeed(name: str, plugin: str, **how: Any) -> Misdeed:
    named = how.pop("named", True) and not how.get("may_pass", False)
    return Misdeed(name, {"hostile.yaml": _SCENARIO.encode(), "bad_plugin.py": plugin.encode()}, named=named, **how)
