"""``ocpplab_runner.api``: one place to import from, which changes only on purpose."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from enum import Enum
from importlib import import_module

import pytest

from ocpplab_runner import api
from tests.acceptance.cli_kit import ROOT, assert_golden

PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
_PYTHON = re.compile(r"^```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted((ROOT / "plugins").rglob("*.py"))
} | {
    f"{page.relative_to(ROOT)}[{number}]": text
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
    if page.name not in ("architecture.md", "authorization.md")  # they speak of the inside
    for number, text in enumerate(_PYTHON.findall(page.read_text("utf-8")))
}


def described(name: str) -> Iterator[str]:
    """A public name with its signature, and the public members of a class."""
    what = getattr(api, name)
    if inspect.isclass(what):
        yield f"class {name}({', '.join(base.__name__ for base in what.__bases__)})"
        if dataclasses.is_dataclass(what):
            for field in dataclasses.fields(what):
                needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
                yield f"    {field.name}: {field.type}{'' if needed else ' = …'}"
        elif typing.is_typeddict(what):
            yield from (f"    {key}: {_text(value)}" for key, value in what.__annotations__.items())
        elif issubclass(what, Enum):
            yield from (f"    {member.name} = {member.value!r}" for member in what)
        for member, value in list(vars(what).items()):
            getter = value.fget if isinstance(value, property) else value
            if not inspect.isfunction(getter) or getter.__module__ != what.__module__:
                continue  # made by a dataclass, an enumeration or a protocol
            if member.startswith("_") and (member != "__init__" or dataclasses.is_dataclass(what)):
                continue
            if isinstance(value, property):
                yield f"    {member} -> {inspect.signature(getter).return_annotation}"
            else:
                prefix = "async " if inspect.iscoroutinefunction(value) else ""
                yield f"    {prefix}{member}{inspect.signature(value)}"
    elif inspect.isfunction(what):
        yield f"{name}{inspect.signature(what)}"
    else:
        yield name


def _text(annotation: object) -> str:
    return annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else str(annotation)


def imported(text: str) -> Iterator[str]:
    """The modules of ours that a source imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "ocpplab_runner")


def test_the_public_names_and_signatures_change_on_purpose() -> None:
    """``UPDATE_GOLDEN=1`` writes the list anew: mind the deprecation rule of docs/plugins.md, and the changelog."""
    assert_golden("api.txt", "\n".join(line for name in api.__all__ for line in described(name)) + "\n")


def test_all_is_whole() -> None:
    """Every name is there once, and nothing else that looks public is."""
    assert len(api.__all__) == len(set(api.__all__))
    public = {name for name, value in vars(api).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public - {"annotations", "Any", "TYPE_CHECKING"} <= set(api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Supervisor'"):
        _ = api.Supervisor


def test_importing_it_does_not_import_the_engine() -> None:
    """``check`` loads plugins too, and must begin at once."""
    done = subprocess.run(
        [sys.executable, "-c", "import ocpplab_runner.api, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = {name.split(".")[1] for name in done.stdout.split() if name.startswith("ocpplab_runner.")}
    assert rooms.isdisjoint({"engine", "targets", "reports", "charger", "csms", "testing"})


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_examples_import_from_the_api_alone(text: str) -> None:
    """What an author copies keeps working."""
    assert set(imported(text)) <= {"ocpplab_runner.api"}


def moved() -> list[tuple[str, str, str]]:
    """(old module, old name, new name): the table of docs/plugins.md."""
    found = []
    for line in PAGE.partition("| old module |")[2].partition("\n\n")[0].splitlines()[2:]:
        module, names = (cell.strip() for cell in line.strip("|").split("|"))
        for name in names.split(", "):
            old, _, new = name.replace("`", "").partition(" → ")
            found.append((module.strip("`"), old, new or old))
    return found


@pytest.mark.parametrize(("module", "old", "new"), moved(), ids=lambda part: str(part))
def test_old_imports_still_work(module: str, old: str, new: str) -> None:
    """For one release; the page says where each name is now."""
    assert getattr(import_module(module), old) is getattr(api, new)


def test_the_page_maps_old_modules() -> None:
    """Every one that was public before."""
    assert {module for module, _, _ in moved()} >= {
        "ocpplab_runner.plugin.hookspecs",
        "ocpplab_runner.plugin.target",
        "ocpplab_runner.plugin.verb",
        "ocpplab_runner.plugin.results",
        "ocpplab_runner.plugin.events",
        "ocpplab_runner.scenario.registry",
        "ocpplab_runner.testing",
        "ocpplab_runner.clock",
    }
