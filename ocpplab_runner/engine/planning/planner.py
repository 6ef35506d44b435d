"""From checked scenarios to the list of cases that a run consists of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.preflight import why_blocked
from ocpplab_runner.engine.planning.selection import read_last_failed, select
from ocpplab_runner.engine.planning.written import Written, case_secrets
from ocpplab_runner.plugin.former_protocols import ChoosyTarget
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.plugin.results import CaseInfo, InvalidFileRecord
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.scenario.model import Case, Scenario
from ocpplab_runner.vocabulary.versions import OcppVersion


def plan_suite(
    scenarios: Sequence[Scenario],
    options: SuiteOptions,
    target: Target,
    plugins: Plugins,
    invalid: Sequence[InvalidFileRecord] = (),
) -> Plan:
    """Make the plan of a run.

    Args:
        scenarios: checked files.
        options: selection, order, repetition, variables.
        target: where it will run; decides the default versions and what is blocked.
        plugins: the registered verbs.
        invalid: files that were refused.

    Raises:
        ValueError: an option's value makes no sense (an ill-formed expression, a shard outside 1..N).
        PluginError: a plugin that hears of the cases raises.
    """
    everything: dict[str, PlannedCase] = {}
    for scenario in scenarios:
        for case in plan_cases(scenario, options, target, plugins):
            everything.setdefault(case.info["id"], case)
    selected = select(list(everything.values()), options)
    notes = list(selected.notes)
    if not everything and scenarios:
        notes.insert(0, _no_version(scenarios, options, target))
    refused = tuple(invalid)
    if options.last_failed and options.state_directory is not None:
        refused, others = _that_failed(refused, read_last_failed(options.state_directory))
        notes += [f"--last-failed: {file} is not a valid scenario, and is left aside" for file in others]
    if plugins.hooks.hears("ocpplab_collected"):
        plugins.hooks.call("ocpplab_collected", cases=[case.info for case in selected.cases])
    left_out = len(everything) - len(selected.cases)
    return Plan(tuple(selected.cases), target, plugins, refused, left_out, tuple(notes))


def _no_version(scenarios: Sequence[Scenario], options: SuiteOptions, target: Target) -> str:
    there = {version for scenario in scenarios for version in scenario.ocpp or target.capabilities.versions}
    versions = ", ".join(version.value for version in OcppVersion if version in there)
    count = f"{len(scenarios)} scenario{'' if len(scenarios) == 1 else 's'}"
    wanted = f"--ocpp {options.only_version.value}" if options.only_version else "the rows' `only`"
    return f"{wanted} leaves nothing of {count}; they are for OCPP {versions}"


def _that_failed(
    invalid: tuple[InvalidFileRecord, ...], failed: Collection[str]
) -> tuple[tuple[InvalidFileRecord, ...], list[str]]:
    """The refused files of which a case is on record as failed, and the names of the others."""
    if not failed:
        return invalid, []
    files = {one.partition("::")[0] for one in failed}
    mine = tuple(record for record in invalid if record["file"] in files)
    return mine, [record["file"] for record in invalid if record["file"] not in files]


def plan_cases(scenario: Scenario, options: SuiteOptions, target: Target, plugins: Plugins) -> Iterator[PlannedCase]:
    """The cases of one scenario, one for each OCPP version and row; arguments as of :func:`plan_suite`."""
    capabilities = target.capabilities
    versions = scenario.ocpp or capabilities.versions
    for version in versions:
        if options.only_version not in (None, version):
            continue
        for row in scenario.cases or (None,):
            if row is not None and row.only and version not in row.only:
                continue
            variables = {**scenario.vars, **(row.vars if row else {}), **options.variables}
            written = Written(scenario, variables)
            blocked = _blocked(scenario, version, variables, options, target, plugins)
            if blocked is not None:
                blocked = Redactor(case_secrets(written, target, options)).redact_text(blocked)
            for turn in range(1, options.repeat + 1):
                yield PlannedCase(
                    info=_info(scenario, version, row, turn if options.repeat > 1 else None, target.name),
                    scenario=scenario,
                    version=version,
                    variables=variables,
                    written=written,
                    row=row.name if row else None,
                    blocked=blocked,
                )


def _blocked(
    scenario: Scenario,
    version: OcppVersion,
    variables: Mapping[str, Any],
    options: SuiteOptions,
    target: Target,
    plugins: Plugins,
) -> str | None:
    blocked = why_blocked(
        scenario,
        version,
        target.capabilities,
        plugins.registry,
        operator=options.ask is not None,
        max_real=None if target.capabilities.virtual_clock else options.max_real,
        variables=variables,
    )
    if blocked is None and isinstance(target, ChoosyTarget):
        blocked = target.why_blocked(scenario, version, variables)
    return blocked


def _info(scenario: Scenario, version: OcppVersion, row: Case | None, turn: int | None, target: str) -> CaseInfo:
    marks = [row.name] if row else []
    marks.append(version.subprotocol)
    if turn is not None:
        marks.append(f"#{turn}")
    name = f"{scenario.name} [{', '.join(marks)}]"
    file = scenario.path.as_posix()
    line = row.span if row and row.span else scenario.span
    return CaseInfo(
        id=f"{file}::{name}",
        file=file,
        line=line.line if line else 1,
        name=name,
        classname=classname(scenario.path),
        ocpp=version.value,
        tags=list(scenario.tags),
        covers=list(scenario.covers),
        target=target,
    )


def classname(path: Path) -> str:
    """A file's JUnit classname: its path without suffix, ``/`` as ``.`` and other dots as ``_``.

    >>> classname(Path("scenarios/auth/x.y.yaml"))
    'scenarios.auth.x_y'
    """
    parts = [part for part in path.with_suffix("").as_posix().split("/") if part not in {"", "."}]
    return ".".join(part.replace(".", "_") for part in parts)
