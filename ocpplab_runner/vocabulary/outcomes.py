"""What a run ends in: the verdict of a case and the exit code of a command, with what each means."""

from __future__ import annotations

from types import MappingProxyType

#: Verdict of a case → what it says, and what leads to it.
VERDICTS: MappingProxyType[str, str] = MappingProxyType(
    {
        "passed": "Every expectation was met, and nothing happened that a step forbids. With `--retries` also after a "
        "failed attempt: then it is marked flaky.",
        "failed": "An expectation was not met in its time, what a `never` or `throughout` forbids was seen, or a "
        "`fail` step was reached. With `--strict` also when the other side broke a `must` of the specification, or "
        "left a message unanswered.",
        "error": "Nobody can say whether the expectations would have been met: a side could not be reached, a state "
        "was not reached, a plugin crashed, the case did not finish in its time.",
        "blocked": "The target cannot do what the case does, or cannot see what it asks for; the reason names what is "
        "missing. It is neither a pass nor a failure, and is mostly known before the first step.",
        "skipped": "A `skip` step ended it, or nothing of it was done or judged: no step applied to this version, say.",
        "xfailed": "It failed, as `xfail` or the target had announced: a known defect is still there.",
        "xpassed": "`xfail` announced a failure, and it passed: the defect is gone, or the scenario does not see it "
        "any more. That counts as a failure until `xfail` is taken out.",
    }
)

#: Exit code of `run` and `report` → what it means; the other commands use the same ones where they apply.
EXIT_CODES: MappingProxyType[int, str] = MappingProxyType(
    {
        0: "nothing failed, and something passed; what is blocked or skipped is told, and no failure",
        1: "something failed, or a plugin crashed",
        2: "an invalid scenario, or wrong usage",
        3: "infrastructure: nothing could be reached",
        5: "nothing to run, or every case is blocked or skipped",
        130: "interrupted",
    }
)
