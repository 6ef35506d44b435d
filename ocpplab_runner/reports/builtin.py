"""The built-in reports, made through the same hook that a plugin uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.results import Report


@hookimpl
def ocpplab_reports(options: Mapping[str, Any]) -> Iterable[Report]:
    """The reports that the options ask for; JSON Lines first, so that a later one can do no harm to the trace.

    Options that are read: ``jsonl``, ``junit``, ``html``, ``markdown`` and ``tap`` (paths), ``traces`` and ``allure``
    (directories), ``junit_flavor``, ``terminal`` (the stream, or None), ``color``, ``quiet``, ``live`` (bools),
    ``verbose``, ``durations`` (ints), ``immediate``, ``github`` (bools), ``repository`` (its root) and
    ``step_summary`` (a path) for GitHub.

    Raises:
        OSError: a file cannot be written.
    """
    jsonl, junit, terminal = options.get("jsonl"), options.get("junit"), options.get("terminal")
    reports: list[Report] = []
    if jsonl is not None:
        from ocpplab_runner.reports.jsonl import JsonLinesReport

        reports.append(JsonLinesReport(Path(jsonl)))
    traces = Path(options["traces"]) if options.get("traces") is not None else None
    if traces is not None:
        from ocpplab_runner.reports.traces import TracesReport

        reports.append(TracesReport(traces))
    if junit is not None:
        from ocpplab_runner.reports.junit import JUnitReport

        reports.append(JUnitReport(Path(junit), flavor=options.get("junit_flavor", "extended"), traces=traces))
    if options.get("html") is not None:
        from ocpplab_runner.reports.html.report import HtmlReport

        reports.append(HtmlReport(Path(options["html"])))
    reports += _documents(options)
    if terminal is not None:
        from ocpplab_runner.reports.terminal import Progress, TerminalReport

        progress: Progress | None = None
        if options.get("live"):
            from ocpplab_runner.reports.progress import LiveProgress

            progress = LiveProgress(terminal, color=bool(options.get("color")))
        reports.append(
            TerminalReport(
                terminal,
                color=bool(options.get("color")),
                quiet=bool(options.get("quiet")),
                verbose=int(options.get("verbose", 0)),
                durations=int(options.get("durations") or 0),
                immediate=bool(options.get("immediate")),
                progress=progress,
            )
        )
        if options.get("github"):
            from ocpplab_runner.reports.github import GitHubReport

            root, summary = options.get("repository"), options.get("step_summary")
            reports.append(GitHubReport(terminal, root=root and Path(root), summary=summary and Path(summary)))
    return reports


def _documents(options: Mapping[str, Any]) -> Iterable[Report]:
    """Those that are made when the run is over."""
    if options.get("markdown") is not None:
        from ocpplab_runner.reports import at_the_end, markdown

        yield at_the_end.DocumentReport(Path(options["markdown"]), markdown.build)
    if options.get("tap") is not None:
        from ocpplab_runner.reports import at_the_end, tap

        yield at_the_end.DocumentReport(Path(options["tap"]), tap.build)
    if options.get("allure") is not None:
        from ocpplab_runner.reports.allure import AllureReport

        yield AllureReport(Path(options["allure"]))
