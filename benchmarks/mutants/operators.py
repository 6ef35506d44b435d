"""The ways to break a module: every place where one of the operators applies, each with the change it would make.

A place is known by file, function, operator and change, never by its line: lines move whenever anybody writes.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.mutants.words import Words

#: Of a hundred mutants, how many come from each operator.
QUOTAS: Mapping[str, int] = {
    "negated condition": 16,
    "swapped comparison": 10,
    "and for or": 8,
    "swapped word": 10,
    "swapped member": 10,
    "dropped send": 10,
    "dropped statement": 12,
    "early return": 10,
    "off by one": 8,
    "dropped entry": 6,
}
#: Calls by these names tell the other side something.
_SENDING = ("send", "call", "report", "notify", "emit", "answer", "reply", "publish", "trigger", "request", "tell")
_OPPOSITE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}
_NEXT_TO: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_SHOWN = 100
_MODULE = "<module>"

Put = Callable[[ast.AST], None]
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Site:
    """One place, and one change there.

    Attributes:
        file: path of the module, relative to the package's parent.
        function: qualified name; of a class body the class, of a module ``<module>``.
        operator: a key of :data:`QUOTAS`.
        change: ``before → after``, on one line.
        lines: of the statement that holds the place, from and to.
        inside: whether it lies in a function, so that it runs only when that is called.
        names: what a module or a class calls the thing that is changed; empty inside a function.
        apply: makes the change in the tree that the sites were found in.
        number: among places of the same function, operator and change, from 1.
    """

    file: str
    function: str
    operator: str
    change: str
    lines: tuple[int, int]
    inside: bool
    names: frozenset[str]
    apply: Callable[[], None]
    number: int = 1

    @property
    def key(self) -> str:
        """What it is known by."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.file}::{self.function} · {self.operator} · {self.change}{again}"


def sites_of(tree: ast.Module, file: str, words: Words) -> list[Site]:
    """Every place of a module, in the order of its text.

    Args:
        tree: the module; ``apply`` of a site changes it.
        file: what to call it.
        words: what may stand for what.
    """
    found: list[Site] = []
    seen: Counter[str] = Counter()
    for site in _Finder(file, words).body_of(tree):
        seen[site.key] += 1
        found.append(replace(site, number=seen[site.key]))
    return found


@dataclass(frozen=True, slots=True)
class _Finder:
    file: str
    words: Words
    scope: tuple[str, ...] = ()
    lines: tuple[int, int] = (1, 1)
    inside: bool = False
    returns_nothing: bool = False
    names: frozenset[str] = frozenset()

    def body_of(self, holder: ast.AST) -> Iterator[Site]:
        """The places in the statements of a module, class, function or branch."""
        for name in ("body", "orelse", "finalbody"):
            body = getattr(holder, name, None)
            if isinstance(body, list):
                for index, statement in enumerate(body):
                    yield from self._statement(statement, body, index)
        for handler in getattr(holder, "handlers", ()):
            yield from self.body_of(handler)
        for case in getattr(holder, "cases", ()):
            here = replace(self, lines=(case.pattern.lineno, (case.guard or case.pattern).end_lineno))
            yield from here._pattern(case.pattern)
            if case.guard is not None:
                yield from here._condition(case.guard, _field(case, "guard"))
            yield from self.body_of(case)

    # -- statements ------------------------------------------------------------------------------------------------

    def _statement(self, node: ast.stmt, body: list[ast.stmt], index: int) -> Iterator[Site]:
        here = replace(self, lines=_head(node))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from here._definition(node)
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if not self.inside:
            here = replace(here, names=frozenset(_assigned(node)) or self.names)
        yield from here._whole_statement(node, body, index)
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert):
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        for name, value in ast.iter_fields(node):
            if name == "annotation" or not isinstance(value, ast.AST | list):
                continue
            if name == "test":
                yield from here._condition(value, _field(node, name))
            elif isinstance(value, ast.expr):
                yield from here._expression(value, _field(node, name))
            elif name in ("targets", "items"):
                for position, one in enumerate(value):
                    expression = one.context_expr if isinstance(one, ast.withitem) else one
                    put = _field(one, "context_expr") if isinstance(one, ast.withitem) else _item(value, position)
                    yield from here._expression(expression, put)
        yield from here.body_of(node)

    def _definition(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Site]:
        scope = (*self.scope, node.name)
        if isinstance(node, ast.ClassDef):
            yield from replace(self, scope=scope, names=self.names | {node.name}).body_of(node)
            return
        outside = replace(self, scope=scope, names=self.names if self.inside else self.names | {node.name})
        for defaults in (node.args.defaults, node.args.kw_defaults):
            for index, default in enumerate(defaults):
                if default is not None:
                    yield from outside._expression(default, _item(defaults, index))
        # Where something else than None is wanted, an early return is a crash that tells nothing.
        nothing = node.returns is None or ast.unparse(node.returns) == "None" or "| None" in ast.unparse(node.returns)
        inner = replace(self, scope=scope, inside=True, returns_nothing=nothing, names=frozenset())
        yield from inner.body_of(node)

    def _whole_statement(self, node: ast.stmt, body: list[ast.stmt], index: int) -> Iterator[Site]:
        if not self.inside or _says_nothing(node):
            return
        text = _short(ast.unparse(node))
        if self.returns_nothing and not isinstance(node, ast.Return | ast.Raise):
            yield self._site(
                "early return", f"return before {text}", lambda: body.insert(index, _at(ast.Return(), node))
            )
        if _droppable(node):
            operator = "dropped send" if _sends(node) else "dropped statement"

            def drop() -> None:
                body[index] = _at(ast.Pass(), node)

            yield self._site(operator, f"{text} → pass", drop)

    # -- expressions -----------------------------------------------------------------------------------------------

    def _condition(self, node: ast.expr, put: Put) -> Iterator[Site]:
        """Something that is asked for being true."""
        yield self._change("negated condition", node, _at(ast.UnaryOp(ast.Not(), node), node), put)
        yield from self._expression(node, put)

    def _expression(self, node: ast.expr, put: Put) -> Iterator[Site]:
        if isinstance(node, ast.JoinedStr):
            return  # a text for people
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            return  # a type: it is read by people and mypy, and by nothing that runs
        match node:
            case ast.IfExp():
                yield from self._condition(node.test, _field(node, "test"))
                yield from self._expression(node.body, _field(node, "body"))
                yield from self._expression(node.orelse, _field(node, "orelse"))
                return
            case ast.Compare(ops=[operation]):
                yield from self._comparison(node, operation, put)
            case ast.BoolOp():
                other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                yield self._change("and for or", node, ast.BoolOp(other, node.values), put)
            case ast.Constant():
                yield from self._constant(node, put)
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner)) if owner in self.words.members:
                yield from self._member(node, owner, put)
            case ast.Call():
                for keyword in node.keywords:
                    yield self._without(node, node.keywords, keyword, f"{keyword.arg or '**'}=")
            case ast.Dict():
                for position, key in enumerate(node.keys):
                    yield self._shorter(node, position, key, put)
        yield from self._parts(node)

    def _parts(self, node: ast.expr) -> Iterator[Site]:
        for name, value in ast.iter_fields(node):
            if name in ("format_spec", "keys"):
                continue
            if isinstance(value, ast.expr):
                yield from self._expression(value, _field(node, name))
            elif name == "generators":
                for generator in node.generators:  # type: ignore[attr-defined]
                    yield from self._expression(generator.iter, _field(generator, "iter"))
                    for index, condition in enumerate(generator.ifs):
                        yield from self._condition(condition, _item(generator.ifs, index))
            elif isinstance(value, list):
                for index, one in enumerate(value):
                    if isinstance(one, ast.keyword):
                        yield from self._expression(one.value, _field(one, "value"))
                    elif isinstance(one, ast.expr):
                        yield from self._expression(one, _item(value, index))

    def _comparison(self, node: ast.Compare, operation: ast.cmpop, put: Put) -> Iterator[Site]:
        opposite = _OPPOSITE[type(operation)]()
        yield self._change("swapped comparison", node, ast.Compare(node.left, [opposite], node.comparators), put)
        if type(operation) in _NEXT_TO:
            beside = _NEXT_TO[type(operation)]()
            yield self._change("off by one", node, ast.Compare(node.left, [beside], node.comparators), put)

    def _constant(self, node: ast.Constant, put: Put) -> Iterator[Site]:
        if isinstance(node.value, bool):
            yield self._change("swapped word", node, ast.Constant(not node.value), put)
        elif isinstance(node.value, int):
            yield self._change("off by one", node, ast.Constant(node.value + 1), put)
        elif isinstance(node.value, str) and node.value in self.words.values:
            others = self.words.values[node.value]
            other = others[sum(map(ord, node.value)) % len(others)]
            yield self._change("swapped word", node, ast.Constant(other), put)

    def _member(self, node: ast.Attribute, owner: str, put: Put) -> Iterator[Site]:
        members = self.words.members[owner]
        if node.attr in members:
            other = members[(members.index(node.attr) + 1) % len(members)]
            yield self._change("swapped member", node, ast.Attribute(node.value, other, node.ctx), put)

    def _pattern(self, node: ast.pattern) -> Iterator[Site]:
        for one in ast.walk(node):
            if isinstance(one, ast.MatchValue):
                yield from self._expression(one.value, _field(one, "value"))

    # -- sites -----------------------------------------------------------------------------------------------------

    def _change(self, operator: str, node: ast.expr, new: ast.expr, put: Put) -> Site:
        change = f"{_short(ast.unparse(node))} → {_short(ast.unparse(_at(new, node)))}"
        return self._site(operator, change, lambda: put(new))

    def _without(self, node: ast.Call, keywords: list[ast.keyword], keyword: ast.keyword, name: str) -> Site:
        change = f"{_short(ast.unparse(node.func))}(… {name}{_short(ast.unparse(keyword.value))}) → without it"
        return self._site("dropped entry", change, lambda: keywords.remove(keyword))

    def _shorter(self, node: ast.Dict, position: int, key: ast.expr | None, put: Put) -> Site:
        shown = "**" if key is None else f"{ast.unparse(key)}: "
        change = f"{{… {shown}{_short(ast.unparse(node.values[position]))}}} → without it"

        def shorten() -> None:
            del node.keys[position], node.values[position]

        return self._site("dropped entry", change, shorten)

    def _site(self, operator: str, change: str, apply: Callable[[], None]) -> Site:
        function = ".".join(self.scope) or _MODULE
        return Site(self.file, function, operator, change, self.lines, self.inside, self.names, apply)


def _head(node: ast.stmt) -> tuple[int, int]:
    """The lines of a statement without the statements in it."""
    inner = [one for name in ("body", "cases", "handlers") for one in getattr(node, name, ())]
    if not inner:
        return node.lineno, node.end_lineno or node.lineno
    first = inner[0].pattern.lineno if isinstance(inner[0], ast.match_case) else inner[0].lineno
    return node.lineno, max(node.lineno, first - 1)


def _assigned(node: ast.stmt) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id


def _says_nothing(node: ast.stmt) -> bool:
    """An import, a declaration, a docstring, ``pass`` and the like."""
    quiet = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass)
    return isinstance(node, quiet) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _droppable(node: ast.stmt) -> bool:
    """What can go without leaving a name unbound: calls, raises, and what is written into something else."""
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return isinstance(node, ast.Expr | ast.Raise | ast.AugAssign | ast.Delete | ast.Continue | ast.Break)


def _sends(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    if isinstance(value, ast.Await):
        value = value.value
    if not isinstance(value, ast.Call):
        return False
    called = value.func.attr if isinstance(value.func, ast.Attribute) else ast.unparse(value.func)
    return any(word in called.lower() for word in _SENDING)


def _field(holder: ast.AST, name: str) -> Put:
    return lambda new: setattr(holder, name, _at(new, getattr(holder, name)))


def _item(holder: list[ast.AST], index: int) -> Put:
    def put(new: ast.AST) -> None:
        holder[index] = _at(new, holder[index])

    return put


def _at(new: Node, old: ast.AST) -> Node:
    return ast.fix_missing_locations(ast.copy_location(new, old))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
