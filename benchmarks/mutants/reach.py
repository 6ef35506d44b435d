"""Which case runs which line: each case once, under a trace."""

from __future__ import annotations

import ast
import hashlib
import os
import pickle
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from benchmarks.mutants.product import PACKAGE, ROOT, Product, caches, import_anew

Place = tuple[str, int]


@dataclass(slots=True)
class Reach:
    """What the cases run.

    Attributes:
        cases: their ids, in the order of the plan.
        ran: what became of each in the sound product: verdict and step.
        lines: (file, line) → the cases that run it, one bit each.
        entered: (file, first line of a function) → the cases that call it, one bit each.
        at_import: the lines that run when the product is imported, and the functions that are called.
    """

    cases: list[str] = field(default_factory=list)
    ran: list[tuple[str, str]] = field(default_factory=list)
    lines: dict[Place, int] = field(default_factory=dict)
    entered: dict[Place, int] = field(default_factory=dict)
    at_import: set[Place] = field(default_factory=set)

    def of_lines(self, file: str, lines: Iterable[int]) -> int:
        """The cases that run any of the lines, one bit each."""
        found = 0
        for line in lines:
            found |= self.lines.get((file, line), 0)
        return found


def reach(
    make: Callable[[], Product], paths: Sequence[Path], rooms: Sequence[str], memory: Path | None = None
) -> Reach:
    """Run every case once and see where it comes by.

    Args:
        make: the product as it is, with its scenarios.
        paths: of the scenarios.
        rooms: folders of the package to look at.
        memory: folder where the answer is kept until a source or a scenario changes.
    """
    kept = None if memory is None else memory / f"reach-{_fingerprint(paths, rooms)}.pickle"
    if kept is not None and kept.exists():
        return pickle.loads(kept.read_bytes())  # type: ignore[no-any-return]
    found = _apart(lambda: _trace(make, rooms))
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in sorted(kept.parent.glob("reach-*.pickle"))[:-3]:
            old.unlink()
        kept.write_bytes(pickle.dumps(found))
    return found


def _fingerprint(paths: Sequence[Path], rooms: Sequence[str]) -> str:
    digest = hashlib.sha256(repr((sys.version, list(rooms))).encode())
    scenarios = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    for file in (*sorted(PACKAGE.rglob("*.py")), *sorted(scenarios)):
        if file.is_file():
            digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _apart(work: Callable[[], Reach]) -> Reach:
    """Do it in a process of its own: modules are imported anew there, and not under the caller's feet."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(readable)
            with os.fdopen(writable, "wb") as out:
                out.write(pickle.dumps(work()))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        finally:
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as said:
        content = said.read()
    os.waitpid(pid, 0)
    if not content:
        raise RuntimeError("the cases could not be traced")
    return pickle.loads(content)  # type: ignore[no-any-return]


def _trace(make: Callable[[], Product], rooms: Sequence[str]) -> Reach:
    tracer = _Tracer(tuple(f"{PACKAGE / room}/" for room in rooms))
    import_anew()
    with tracer:
        product = make()
    found = Reach(at_import=tracer.lines | tracer.calls)
    lines: defaultdict[Place, int] = defaultdict(int)
    entered: defaultdict[Place, int] = defaultdict(int)
    for index, case in enumerate(product.cases):
        for clear in caches():
            clear()
        with tracer:
            ran = product.run(index)
        found.cases.append(case)
        found.ran.append((ran.verdict, ran.step))
        for place in tracer.lines:
            lines[place] |= 1 << index
        for place in tracer.calls:
            entered[place] |= 1 << index
    found.lines, found.entered = dict(lines), dict(entered)
    return found


_Follower = Callable[[FrameType, str, Any], Any]


class _Tracer:
    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots
        #: What notes the lines of each function, made once; None where nobody looks.
        self._followers: dict[CodeType, _Follower | None] = {}
        self.lines: set[Place] = set()
        self.calls: set[Place] = set()

    def __enter__(self) -> None:
        self.lines, self.calls = set(), set()
        sys.settrace(self._call)

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _call(self, frame: FrameType, event: str, argument: Any) -> _Follower | None:
        code = frame.f_code
        if code not in self._followers:
            self._followers[code] = self._follower(code)
        follower = self._followers[code]
        if follower is not None:
            follower(frame, event, argument)
        return follower

    def _follower(self, code: CodeType) -> _Follower | None:
        if not code.co_filename.startswith(self._roots):
            return None
        file = str(Path(code.co_filename).relative_to(ROOT))

        def follow(frame: FrameType, event: str, argument: Any) -> _Follower:
            if event == "line":
                self.lines.add((file, frame.f_lineno))
            elif event == "call":
                self.calls.add((file, code.co_firstlineno))
            return follow

        return follow


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the package.

    Attributes:
        file: where it stands.
        name: qualified.
        first_line: as its code object has it: of its first decorator, if it has one.
    """

    file: str
    name: str
    first_line: int


def functions(files: Mapping[str, ast.Module]) -> Iterator[Function]:
    """Every function that does something; declarations of protocols do not."""
    for file, tree in files.items():
        yield from _functions(file, tree, ())


def _functions(file: str, holder: ast.AST, scope: tuple[str, ...]) -> Iterator[Function]:
    for node in ast.iter_child_nodes(holder):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = (*scope, node.name)
            if not isinstance(node, ast.ClassDef) and not _declares_only(node):
                first = min(one.lineno for one in (node, *node.decorator_list))
                yield Function(file, ".".join(inner), first)
            yield from _functions(file, node, inner)
        else:
            yield from _functions(file, node, scope)


def _declares_only(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in node.body)
