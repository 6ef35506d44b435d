"""The documentation is true: every example in it is checked."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ocpplab_runner.scenario.loader import load_files

from .kit import IDLE, ROOT, codes, language, line_of, load

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Entry:
    """One entry of diagnostics.md."""

    code: str
    example: str = ""
    info: str = ""
    output: str = ""
    instead: str = ""
    files: dict[str, str] = field(default_factory=dict)
    instead_files: dict[str, str] = field(default_factory=dict)


def entries() -> Iterator[Entry]:
    """Every entry of diagnostics.md."""
    text = (ROOT / "docs" / "diagnostics.md").read_text("utf-8")
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        entry = Entry(section.partition("\n")[0].strip())
        before, _, after = section.partition("\nInstead:\n")
        for info, body in _FENCE.findall(before):
            if info.startswith("yaml file="):
                entry.files[info.removeprefix("yaml file=")] = body
            elif info == "text":
                entry.output = body
            else:
                entry.info, entry.example = info.removeprefix("yaml example").strip(), body
        for info, body in _FENCE.findall(after):
            if info.startswith("yaml file="):
                entry.instead_files[info.removeprefix("yaml file=")] = body
            else:
                assert info == "yaml instead", entry.code
                entry.instead = body
        yield entry


ENTRIES = list(entries())


def check(
    text: str, info: str, files: dict[str, str], directory: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> list[str]:
    """The lines that check gives for a file and those beside it."""
    if info.startswith("repeat-last="):
        *lines, last = text.splitlines(keepends=True)
        text = "".join(lines) + last * int(info.partition("=")[2])
    monkeypatch.chdir(directory)
    Path("scenario.yaml").write_bytes(text.encode("latin-1" if info == "latin-1" else "utf-8"))
    for name, content in files.items():
        Path(name).write_text(content, "utf-8")
    lines = []
    for diagnostic in load_files([Path("scenario.yaml")], language()).diagnostics:
        if diagnostic.code in IDLE and code not in IDLE:
            continue  # as the page says
        lines.append(line_of(diagnostic))
        if diagnostic.hint:
            lines.append(f"  {diagnostic.hint}")
    return lines


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_each_example_gives_what_stands_under_it(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example yields exactly its code at the stated place, in the stated words."""
    lines = check(entry.example, entry.info, entry.files, tmp_path, monkeypatch, entry.code)
    assert lines == entry.output.splitlines()
    assert f"[{entry.code}]" in lines[0]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_each_instead_is_sound(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the entry proposes gives no diagnostic at all."""
    assert entry.instead
    assert check(entry.instead, "", entry.instead_files, tmp_path, monkeypatch, entry.code) == []


def test_every_code_has_an_entry() -> None:
    """A code that the checks can give is documented, once."""
    known = [entry.code for entry in ENTRIES]
    assert len(known) == len(set(known))
    source = "".join(path.read_text("utf-8") for path in (ROOT / "ocpplab_runner" / "scenario").rglob("*.py"))
    used = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9.]+)+)"', source)) - {"utf-8"}
    assert used == set(known)


def blocks(page: Path, kind: str) -> list[str]:
    """The YAML examples of a page that are marked so."""
    return [body for info, body in _FENCE.findall(page.read_text("utf-8")) if info == kind]


def test_the_language_page_opens_with_a_sound_scenario() -> None:
    """The first example of language.md is a whole scenario."""
    examples = blocks(ROOT / "docs" / "language.md", "yaml")
    assert examples
    for example in examples:
        assert codes(load(example)) == []


def test_the_fragments_of_the_language_page_are_sound() -> None:
    """Its other examples are keys, steps or expectations of a scenario."""
    for fragment in blocks(ROOT / "docs" / "language.md", "yaml fragment"):
        for text in wrapped(fragment):
            assert codes(load(text)) == [], text


def wrapped(fragment: str) -> Iterator[str]:
    """A fragment as whole scenarios."""
    if fragment.startswith("- "):
        yield (
            "name: An example\nvars: {card: CARD-1}\nfragments:\n  swipe: [{authorize_id_tag: '${{ card }}'}]\n"
            f"steps:\n  - log: ${{{{ card }}}}\n{textwrap.indent(fragment, '  ')}"
        )
    elif fragment.startswith("expect:"):
        for expect in re.split(r"^(?=expect:)", fragment, flags=re.MULTILINE)[1:]:
            indented = "".join(f"    {line}\n" for line in expect.splitlines())
            yield f'name: An example\nocpp: ["1.6"]\nsteps:\n  - authorize_id_tag: CARD-1\n{indented}'
    else:
        yield f"name: An example\nsteps:\n  - log: ${{{{ status }}}}\n{fragment}"


def test_examples_of_verbs_are_sound() -> None:
    """Every verb's example is one step without a diagnostic."""
    missing = []
    for verb in language().verbs.values():
        if not verb.example:
            missing.append(verb.name)
            continue
        versions = ", ".join(f'"{version.value}"' for version in verb.versions)
        only = '\n    only: ["1.6"]' if verb.name == "csms_call" else ""
        found = load(f"name: x\nocpp: [{versions}]\nsteps:\n  - {verb.example}{only}\n").diagnostics
        assert found == [], verb.name
    assert missing == ["include", "prompt"]


def test_examples_of_facets_are_sound() -> None:
    """Every facet's example is an expectation without a diagnostic."""
    for facet in language().facets.values():
        verb = "clear_cache: {}" if facet.name in ("response", "call_error") else "plug_connector: 1"
        text = f"name: x\ngiven: {{files: {{new.bin: {{}}}}}}\nsteps:\n  - {verb}\n    expect: {{{facet.example}}}\n"
        assert load(text).diagnostics == [], facet.name


def test_examples_of_matchers_are_sound() -> None:
    """Every matcher's example stands for a value of a payload."""
    for matcher in language().matchers.values():
        text = f"name: x\nsteps:\n  - data_transfer: org\n    expect: {{response: {{data: {matcher.example}}}}}\n"
        assert load(text).diagnostics == [], matcher.name
