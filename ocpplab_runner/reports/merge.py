"""Several recordings as one: shards of a run, and runs that tried some of its cases again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.reports.jsonl import UnreadableFileError, decode_lines, read

_BAD = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.XPASSED})
_UNTRIED = frozenset({Verdict.BLOCKED, Verdict.SKIPPED})
_INTERRUPTED, _INVALID, _UNREACHED, _NOTHING = 130, 2, 3, 5


@dataclass(slots=True)
class _Try:
    """Where the records of one attempt stand."""

    recording: _Recording
    offset: int
    length: int
    verdict: str | None = None


@dataclass(slots=True)
class _Case:
    tries: list[_Try] = field(default_factory=list)

    @property
    def verdict(self) -> str | None:
        return self.tries[-1].verdict


@dataclass(slots=True)
class _Recording:
    """A file, looked through once.

    Attributes:
        start: its first run record; empty when there is none.
        end: its last one; empty when the run did not finish.
        cases: (id, target) → its attempts, in the order in which they began.
    """

    path: Path
    start: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)
    invalid: list[Record] = field(default_factory=list)
    cases: dict[tuple[str, str], list[_Try]] = field(default_factory=dict)

    @property
    def shard(self) -> tuple[int, int]:
        index, of = self.start.get("shard", (1, 1))
        return int(index), int(of)

    def place(self, number: int) -> int:
        """Where in the whole run the case stood that was the so many-th of this shard."""
        index, of = self.shard
        return number * of + index - 1


def read_all(paths: Sequence[Path]) -> Iterator[Record]:
    """The records of one recording, or of several as those of one run.

    The cases come in the order that they would have had in one run. A case that stands in several, on the same
    target, is one case: in the order of the runs its attempts are its retries, and the last one counts.
    The exit code is that of what it comes to; 1 when one of the runs did not finish, or a shard is missing.

    Args:
        paths: in any order; a recording that is given twice counts once.

    Raises:
        OSError: a file cannot be read.
        UnreadableFileError: it is none of ours; the text names it.
    """
    if len(paths) == 1:
        yield from _named(paths[0], read(paths[0]))
        return
    recordings = _distinct([_look_through(path) for path in paths])
    cases = _in_order(recordings)
    invalid = _once(record for recording in recordings for record in recording.invalid)
    starts = [recording.start for recording in recordings]
    yield _start(starts, len(cases), recordings)
    yield from invalid
    for case in cases:
        yield from _records(case)
    if all(recording.end for recording in recordings):
        yield _end(recordings, cases, bool(invalid))


def _named(path: Path, records: Iterator[Record]) -> Iterator[Record]:
    try:
        yield from records
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{path}: {error}") from error


def _look_through(path: Path) -> _Recording:
    found = _Recording(path)
    offset = 0
    current: _Try | None = None
    with path.open("rb") as file:
        lengths: list[int] = []

        def lines() -> Iterator[bytes]:
            for line in file:
                # The decoder skips blank lines: more than one line may have gone by when it gives a record.
                lengths.append(len(line))
                yield line

        for record in _named(path, decode_lines(lines())):
            begins = offset + sum(lengths[:-1])
            offset, end = offset + sum(lengths), offset + sum(lengths)
            lengths.clear()
            if record["type"] == "run" and record["phase"] != "case":
                known = found.start if record["phase"] == "start" else found.end
                known.update(record)
            elif record["type"] == "invalid":
                found.invalid.append(record)
            elif record["type"] == "case" and record["phase"] == "start":
                current = _Try(found, begins, end - begins)
                found.cases.setdefault((record["case"]["id"], record["case"]["target"]), []).append(current)
            elif current is not None:
                current.length = end - current.offset
                if record["type"] == "case":
                    current.verdict, current = record["verdict"], None
    return found


def _distinct(recordings: Sequence[_Recording]) -> list[_Recording]:
    """Each once, the earliest run first."""
    seen: dict[str, _Recording] = {}
    for recording in recordings:
        seen.setdefault(repr((sorted(recording.start.items()), list(recording.cases))), recording)
    return sorted(seen.values(), key=lambda one: str(one.start.get("wall_time", "")))


def _in_order(recordings: Sequence[_Recording]) -> list[_Case]:
    cases: dict[tuple[str, str], _Case] = {}
    places: dict[tuple[str, str], tuple[int, int]] = {}
    runs: list[tuple[Any, ...]] = []
    for recording in recordings:
        # Shards of one run interleave; runs follow each other.
        run = _run_of(recording)
        if run not in runs:
            runs.append(run)
        for number, (key, tries) in enumerate(recording.cases.items()):
            cases.setdefault(key, _Case()).tries.extend(tries)
            places.setdefault(key, (runs.index(run), recording.place(number)))
    return [cases[key] for key in sorted(cases, key=lambda key: places[key])]


def _run_of(recording: _Recording) -> tuple[Any, ...]:
    of = recording.shard[1]
    if of == 1:
        return (id(recording),)
    return of, recording.start.get("seed"), recording.start.get("target")


def _once(records: Iterator[Record]) -> list[Record]:
    """Every shard refuses the same files."""
    return list({record["file"]: record for record in records}.values())  # type: ignore[typeddict-item]


def _records(case: _Case) -> Iterator[Record]:
    """Those of all attempts, which count on, and of which only the last is the last."""
    before: list[str | None] = []
    for number, one in enumerate(case.tries, 1):
        with one.recording.path.open("rb") as file:
            file.seek(one.offset)
            lines = file.read(one.length).splitlines(keepends=True)
        for record in decode_lines(lines):
            changed = cast("dict[str, Any]", record)
            if "attempt" in changed:
                changed["attempt"] = number
            if record["type"] == "case" and record["phase"] == "end":
                last = number == len(case.tries)
                good = record["verdict"] == Verdict.PASSED
                changed["last"] = last
                changed["flaky"] = last and good and any(verdict != Verdict.PASSED for verdict in before)
            yield record
        before.append(one.verdict)


def _start(starts: Sequence[dict[str, Any]], cases: int, recordings: Sequence[_Recording]) -> Record:
    start = {key: value for key, value in starts[0].items() if key != "shard"}
    targets = list(dict.fromkeys(str(one["target"]) for one in starts if "target" in one))
    start |= {"target": ", ".join(targets)} if targets else {}
    if len({one.get("seed") for one in starts}) > 1:
        start.pop("seed", None)
    # What never began in one run may have begun in another; of shards nothing can.
    never = sum(max(0, int(one.start.get("selected", 0)) - len(one.cases)) for one in recordings if one.shard[1] > 1)
    return cast(Record, start | {"selected": cases + never})


def _end(recordings: Sequence[_Recording], cases: Sequence[_Case], invalid: bool) -> Record:
    ends = [recording.end for recording in recordings]
    missing = _missing(recordings)
    warnings = [text for end in ends for text in end.get("warnings", ())]
    warnings += [f"there are no records of shard {shard}" for shard in missing]
    end: dict[str, Any] = {
        **sorted(ends, key=lambda one: str(one.get("wall_time", "")))[-1],
        "elapsed": round(sum(float(one.get("elapsed", 0)) for one in ends), 6),
        "exit_code": _exit_code({int(one.get("exit_code", 1)) for one in ends}, cases, invalid, bool(missing)),
    }
    end.pop("warnings", None)
    return cast(Record, end | ({"warnings": warnings} if warnings else {}))


def _exit_code(codes: set[int], cases: Sequence[_Case], invalid: bool, incomplete: bool) -> int:
    if _INTERRUPTED in codes:
        return _INTERRUPTED
    if invalid:
        return _INVALID
    tried = [case.verdict for case in cases if case.verdict not in _UNTRIED]
    # A shard for which no case was left says nothing of the others.
    if codes - {_NOTHING} == {_UNREACHED}:
        return _UNREACHED
    if incomplete or any(verdict is None or verdict in _BAD for verdict in tried):
        return 1
    return 0 if tried else _NOTHING


def _missing(recordings: Sequence[_Recording]) -> list[str]:
    """Shards of which there is no recording, as ``2/3``."""
    runs: dict[tuple[Any, ...], set[int]] = {}
    for recording in recordings:
        if recording.shard[1] > 1:
            runs.setdefault(_run_of(recording), set()).add(recording.shard[0])
    return [f"{index}/{run[0]}" for run, there in runs.items() for index in range(1, run[0] + 1) if index not in there]
