"""What a person sees: a line per case, every failure explained, one summary line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TextIO

import click

from ocpplab_runner.plugin.results import EventRecord, Record, RunRecord, StepRecord, Verdict
from ocpplab_runner.reports.collect import CaseResult, InvalidFile, Results
from ocpplab_runner.reports.diagnostics import full
from ocpplab_runner.reports.explain import (
    attempt_lines,
    failure_lines,
    full_place,
    step_line,
    violation_line,
)
from ocpplab_runner.reports.text import clean, duration, harmless, one_line, plural
from ocpplab_runner.vocabulary.texts import shortened

_COLORS = {
    "passed": "green",
    "failed": "red",
    "error": "red",
    "xpassed": "red",
    "blocked": "yellow",
    "skipped": "cyan",
    "xfailed": "cyan",
}
_BAD = (Verdict.FAILED, Verdict.ERROR, Verdict.XPASSED)
_MOST_VIOLATIONS = 3
#: From so many on, what went wrong is named once more at the end; and how many of these at most.
_RECAP_FROM = 3
_MOST_RECAPPED = 100


class Progress(Protocol):
    """A live display below the lines."""

    def show(self, doing: str, done: int, total: int) -> None:
        """Say what is going on."""
        ...

    def hide(self) -> None:
        """Clear the display; :meth:`show` brings it back."""
        ...


class TerminalReport:
    """Writes to a terminal or a log."""

    def __init__(
        self,
        out: TextIO,
        *,
        color: bool = False,
        quiet: bool = False,
        verbose: int = 0,
        durations: int = 0,
        immediate: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """Make the report.

        Args:
            out: where to write.
            color: whether to use colours.
            quiet: only failures and the summary.
            verbose: 1 adds steps and facts, 2 frames too.
            durations: how many of the cases that took longest are named.
            immediate: explain a failed step at once, for a run that pauses there.
            progress: a live display; None where there is no terminal.
        """
        self._out = out
        self._color = color
        self._quiet = quiet
        self._verbose = verbose
        self.takes_events = verbose > 0
        self._durations = durations
        self._immediate = immediate
        self._progress = progress
        self._results = Results()
        self._finished = 0
        self._running = ""
        self._closed = False

    def handle(self, record: Record) -> None:
        """Take a record in and show what it means."""
        finished = self._results.handle(record)
        match record["type"]:
            case "run":
                if record["phase"] == "start":
                    self._header(record)
            case "case":
                if record["phase"] == "start":
                    if self._verbose:
                        self._write(self._style(f"── {one_line(record['case']['id'])}", "bold"))
                    self._running = one_line(record["case"]["id"])
                    self._show(self._running)
            case "step":
                self._step(record)
                self._show(f"{self._running} · step {record['index']} {record['status']}")
            case "event":
                self._event(record)
            case "log":
                if self._verbose:
                    self._write(f"       {self._dim('log')} {clean(record['text'])}")
            case "invalid":
                self._write(f"{self._verdict('error')} {one_line(record['file'])}: invalid scenario")
            case _:
                pass
        if finished is not None:
            self._case(finished)

    def hide(self) -> None:
        """Clear the live display, so that somebody else can write; the next record brings it back."""
        if self._progress is not None:
            self._progress.hide()

    def close(self) -> None:
        """Explain what went wrong and sum up; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self.hide()
        for case in self._results.cases:
            if not case.finished:
                self._case(case)
        for invalid in self._results.invalid:
            self._explain_invalid(invalid)
        for case, *others in self._alike():
            self._explain(case)
            if others:
                self._write(f"  the same in {', '.join(one_line(other.test_name) for other in others)}")
        self._recap()
        self._slowest()
        self._summary()

    def _recap(self) -> None:
        """Who went wrong, where one would have to look for them between explanations."""
        bad = [case for case in self._results.cases if case.verdict in _BAD]
        if len(bad) + len(self._results.invalid) < _RECAP_FROM:
            return
        self._write("")
        for invalid in self._results.invalid:
            self._write(f"{self._verdict('error')} {one_line(invalid.file)}")
        for case in bad[:_MOST_RECAPPED]:
            self._write(f"{self._verdict(case.verdict)} {one_line(case.info['id'])}")
        if len(bad) > _MOST_RECAPPED:
            self._write(f"… and {len(bad) - _MOST_RECAPPED} more")

    def _slowest(self) -> None:
        slowest = sorted(self._results.cases, key=lambda case: -case.took)[: self._durations]
        if slowest:
            self._write("")
            self._write("slowest, in real time")
        for case in slowest:
            self._write(f"{duration(case.took):>8} {one_line(case.info['id'])}")

    def _alike(self) -> Iterable[Sequence[CaseResult]]:
        """What went wrong; cases of which a reader would learn nothing new stand together."""
        found: dict[Any, list[CaseResult]] = {}
        for number, case in enumerate(self._results.cases):
            if case.verdict in _BAD:
                found.setdefault(number if self._verbose else _gist(case), []).append(case)
        return found.values()

    def _header(self, record: RunRecord) -> None:
        if self._quiet:
            return
        parts = [f"ocpplab-runner {record.get('version', '')}".strip()]
        if "target" in record:
            parts.append(f"target {clean(record['target'])}")
        if "seed" in record:
            parts.append(f"seed {record['seed']}")
        if "selected" in record:
            parts.append(plural(record["selected"], "case"))
        self._write(self._dim(" · ".join(parts)))

    def _case(self, case: CaseResult) -> None:
        self._finished += 1
        end = case.last.end
        violations = end.get("violations", []) if end else []
        shown = not self._quiet or case.verdict in _BAD
        if shown:
            flaky = f" flaky: passed on attempt {len(case.attempts)}" if case.flaky else ""
            reason = "" if case.verdict is Verdict.PASSED else f": {one_line(case.last.reason)}"
            took = self._dim(f" {duration(case.last.elapsed)}")
            self._write(f"{self._verdict(case.verdict)} {one_line(case.info['id'])}{took}{flaky}{reason}")
        if not self._quiet:
            for log in case.last.logs if not self._verbose else ():
                self._write(f"         {self._dim('log')} {clean(log['text'])}")
            if case.last.left_out and not self._verbose:
                self._write(f"         ({case.last.left_out} more steps and logs of the middle are left out)")
            for violation in violations[:_MOST_VIOLATIONS]:
                self._write(f"         {self._style('violation', 'yellow')} {violation_line(violation)}")
            if len(violations) > _MOST_VIOLATIONS:
                self._write(f"         … {plural(len(violations) - _MOST_VIOLATIONS, 'more violation')}")
            for warning in end.get("warnings", []) if end else []:
                self._write(f"         {self._style('warning', 'yellow')} {clean(warning)}")

    def _step(self, record: StepRecord) -> None:
        bad = record["status"] in ("failed", "error")
        if self._verbose:
            line = step_line(record)
            self._write(self._style(line, "red") if bad else line)
        failure = record.get("failure")
        if self._immediate and bad and failure is not None:
            self._write(f"step {record['index']} {record['status']} at {record['file']}:{record['line']}")
            for line in failure_lines(failure):
                self._write(f"  {line}")

    def _event(self, record: EventRecord) -> None:
        event = record["event"]
        level = {"fact": 1, "violation": 1, "frame": 2, "note": 2}.get(event["kind"], 3)
        if self._verbose >= level:
            self._write(self._dim(f"       {event_line(event)}"))

    def _explain(self, case: CaseResult) -> None:
        self._write("")
        self._write(f"{self._verdict(case.verdict).rstrip()} {self._style(one_line(case.info['id']), 'bold')}")
        self._write(f"  at {full_place(case)}")
        for line in self._painted(case):
            self._write(f"  {line}")

    def _painted(self, case: CaseResult) -> Iterator[str]:
        if case.verdict is Verdict.XPASSED:
            yield f"it passed, but {one_line(case.last.reason)}"
            return
        for line in attempt_lines(case.last):
            if line.startswith("    - "):
                yield self._style(line, "green")
            elif line.startswith("    + "):
                yield self._style(line, "red")
            else:
                yield line

    def _explain_invalid(self, invalid: InvalidFile) -> None:
        self._write("")
        self._write(
            f"{self._verdict('error').rstrip()} {self._style(one_line(invalid.file), 'bold')} is not a valid scenario"
        )
        for data in invalid.diagnostics:
            for line in full(data, color=self._color):
                self._write(f"  {line}")

    def _summary(self) -> None:
        results = self._results
        counts = results.counts()
        if not self._quiet or any(counts[verdict.value] for verdict in _BAD):
            self._write("")
        if not counts:
            self._write(self._style("no scenario was run", "yellow"))
            return
        parts = []
        for verdict, count in counts.items():
            text = plural(count, verdict) if verdict == "error" else f"{count} {verdict}"
            if verdict == "passed" and results.flaky():
                text += f" ({results.flaky()} flaky)"
            parts.append(self._style(text, _COLORS[verdict]))
        line = ", ".join(parts)
        if "elapsed" in results.end:
            line += f" in {duration(results.end['elapsed'])}"
        scenario_time = sum(attempt.elapsed for case in results.cases for attempt in case.attempts)
        line += self._dim(f" ({duration(scenario_time)} of scenario time)")
        never = int(results.start.get("selected", 0)) - len(results.cases)
        missing = f"; {never} of {plural(results.start['selected'], 'case')} never began" if never > 0 else ""
        if not results.end:
            line += self._style(f" — the run did not finish{missing}", "red")
        elif results.end.get("exit_code") == 130:
            line += self._style(f" — interrupted{missing}", "red")
        self._write(line)
        for warning in results.end.get("warnings", ()):
            self._write(self._style(f"warning: {warning}", "yellow"))

    def _show(self, doing: str) -> None:
        if self._progress is not None:
            self._progress.show(doing, self._finished, int(self._results.start.get("selected", 0)))

    def _write(self, line: str) -> None:
        self.hide()
        self._out.write(harmless(line.rstrip()) + "\n")
        self._out.flush()

    def _verdict(self, verdict: str) -> str:
        return self._style(f"{verdict:<8}", _COLORS[verdict])

    def _dim(self, text: str) -> str:
        return self._style(text, "dim")

    def _style(self, text: str, look: str) -> str:
        if not self._color:
            return text
        if look == "dim":
            return click.style(text, dim=True)
        if look == "bold":
            return click.style(text, bold=True)
        return click.style(text, fg=look)


def _gist(case: CaseResult) -> Any:
    """What makes a failure the same as that of another version or row of the scenario."""
    failure = case.last.failure
    expected = failure.get("expected") if failure is not None else None
    return case.info["file"], case.verdict, full_place(case), case.last.reason, expected


def event_line(event: Mapping[str, Any]) -> str:
    """One ledger event on one line."""
    fields = event.get("fields", {})
    when, kind, charger = f"{duration(event['at']):>8}", f"{event['kind']:<9}", one_line(str(event["charger"]))
    inside = " (inside)" if event.get("source") == "inside" else ""
    if event["kind"] == "frame":
        arrow = "->" if fields.get("direction") == "to_csms" else "<-"
        content = fields.get("text") if fields.get("type") == "malformed" else fields.get("payload")
        shown = " ".join(str(fields[key]) for key in ("type", "error_code") if fields.get(key))
        what = f"{arrow} {event['name'] or '?'} {shown} {_short(content)}"
    else:
        said = sorted(fields.items(), key=lambda field: field[0] != "is")  # what has become of it comes first
        shown = " ".join(f"{name}={_short(value)}" for name, value in said if value is not None)
        what = f"{event['name']} {shown}"
    return f"{when}  {kind} {charger} {one_line(what)}{inside}".rstrip()


def _short(value: Any, most: int = 200) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text, most)
