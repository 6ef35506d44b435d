"""Give random and mutated scenario files to ``check``: ``python -m benchmarks.fuzz_check 10000 [SEED]``.

Whatever a file holds, only diagnostics may come of it. The first file that raises anything is printed with its
number and seed, and the exit code is 1.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.reports.diagnostics import as_data, render
from ocpplab_runner.scenario.loader import LoadResult, load_text
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.steps import builtin

ROOT = Path(__file__).resolve().parent.parent
#: Values that have broken parsers, schemas and walks before.
JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.6, 1e308, 2**63, 10**30, "", " ", "~", "${{", "${{ }}", "${{ x }}", "${{ 1/0 }}"),
    *(
        "}}",
        "{{",
        "$any_of",
        "start",
        "1.6",
        "24h",
        "30",
        "a" * 300,
        "\u202e",
        "é\u0301",
        "../../etc/passwd",
        "#",
        "x#y",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"": None},
        {"$not": {}},
        {"$any_of": []},
        {"$matches": "("},
        {"x": {"y": {}}},
        [1, "a", {}],
    ),
    *({"is": {"$gte": []}}, {"connector_id": 2}, {"status": "NoCredit"}, [{"expect": "NoCredit"}], {"file": "."}),
)
_TEXTS = (
    "\t",
    "\x00",
    "\ufeff",
    "\u2028",
    "---\n",
    "*a",
    "&a ",
    "!!python/object:os.system ",
    "<<: ",
    "? ",
    "|\n",
    "'",
    '"',
)
_BYTES = (b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\r", b"\xef\xbb\xbf", b"\xff\xfe")


def built_in_registry() -> Registry:
    """The language without any plugin."""
    return Plugins([builtin], {}).registry


def seeds() -> list[str]:
    """The scenario files that mutation starts from."""
    return [path.read_text("utf-8") for path in sorted((ROOT / "scenarios").rglob("*.yaml"))]


def files(random: Random, texts: Sequence[str], words: Sequence[str]) -> Iterator[bytes]:
    """Broken files without end: random bytes, random YAML, mutated text, mutated data."""
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: random.randbytes(random.randrange(200)),
        lambda: _dump(_random_data(random, words, 5)),
        lambda: _mutate_text(random, texts).encode("utf-8", "surrogatepass"),
        lambda: _mutate_bytes(random, random.choice(texts).encode()),
        *(lambda: _dump(_mutate_data(random, yaml.safe_load(random.choice(texts)), words)),) * 5,
    )
    while True:
        yield random.choice(makers)()


def words_of(registry: Registry) -> list[str]:
    """Every name of the language, so that random data is not refused at its first key."""
    words = {
        "name",
        "steps",
        "given",
        "charger",
        "chargers",
        "csms",
        "state",
        "vars",
        "cases",
        "fragments",
        "throughout",
    }
    words |= {"expect", "never", "for", "within", "since", "only", "save", "raw", "id", "finally", "defaults", "ocpp"}
    for verb in registry.verbs.values():
        words |= {verb.name, *(spec.name for spec in verb.fields)}
    for facet in registry.facets.values():
        words |= {facet.name, *(spec.name for spec in facet.fields)}
    return sorted(words | set(registry.matchers))


def check(content: bytes, registry: Registry, path: Path) -> LoadResult:
    """Check one file and render what was found in every format."""
    result = load_text(content, registry, path=path, versions=None)
    found = [as_data(diagnostic, result.source_line) for diagnostic in result.diagnostics]
    for form in ("full", "concise", "json", "github"):
        render(found, form)
    for diagnostic in result.diagnostics:
        span = diagnostic.span
        if not (1 <= span.line <= span.end_line and span.column >= 1):
            raise AssertionError(f"{diagnostic} stands nowhere")
    return result


def _dump(data: Any) -> bytes:
    text: str = yaml.dump(data, allow_unicode=True, sort_keys=False, Dumper=_NoAliases)
    return text.encode("utf-8", "surrogatepass")


class _NoAliases(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _random_data(random: Random, words: Sequence[str], depth: int) -> Any:
    kind = random.random()
    if depth == 0 or kind < 0.25:
        return random.choice(JUNK) if random.random() < 0.5 else random.choice(words)
    if kind < 0.45:
        return [_random_data(random, words, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(words): _random_data(random, words, depth - 1) for _ in range(random.randrange(5))}


def _mutate_text(random: Random, texts: Sequence[str]) -> str:
    lines = random.choice(texts).splitlines(keepends=True)
    for _ in range(random.randint(1, 4)):
        index = random.randrange(len(lines)) if lines else 0
        match random.randrange(7):
            case 0:
                lines[index : index + 1] = []
            case 1:
                lines[index:index] = lines[index : index + random.randint(1, 5)]
            case 2 if lines:
                lines[index] = " " * random.randrange(6) + lines[index]
            case 3 if lines:
                lines[index] = lines[index].lstrip(" ")
            case 4 if lines:
                other = random.choice(texts).splitlines(keepends=True)
                lines[index:index] = random.sample(other, min(3, len(other)))
            case 5 if lines:
                line = lines[index]
                place = random.randrange(len(line) + 1)
                lines[index] = line[:place] + random.choice(_TEXTS) + line[place:]
            case _ if lines:
                line = lines[index]
                start = random.randrange(len(line) + 1)
                lines[index] = line[:start] + line[start + random.randint(1, 8) :]
    return "".join(lines)


def _mutate_bytes(random: Random, content: bytes) -> bytes:
    out = bytearray(content)
    for _ in range(random.randint(1, 6)):
        place = random.randrange(len(out) + 1)
        if random.random() < 0.5:
            out[place:place] = random.choice(_BYTES)
        else:
            out[place : place + random.randint(0, 4)] = random.randbytes(random.randint(0, 3))
    return bytes(out)


def _mutate_data(random: Random, data: Any, words: Sequence[str]) -> Any:
    places: list[tuple[Any, Any]] = []

    def visit(value: Any) -> None:
        if isinstance(value, dict | list):
            for key in value if isinstance(value, dict) else range(len(value)):
                places.append((value, key))
                visit(value[key])

    visit(data)
    for _ in range(random.randint(1, 3)):
        if not places:
            break
        container, key = random.choice(places)
        try:
            match random.randrange(5):
                case 0:
                    container[key] = random.choice(JUNK)
                case 1:
                    del container[key]
                case 2:
                    other, place = random.choice(places)
                    container[key] = other[place]
                case 3 if isinstance(container, dict):
                    container[random.choice(words)] = container.pop(key)
                case _:
                    container[key] = _random_data(random, words, 2)
        except (KeyError, IndexError):
            continue  # an earlier mutation has taken the place away
        if _is_deep(data, 60):
            return random.choice(JUNK)
    return data


def _is_deep(data: Any, left: int) -> bool:
    """Whether data is deeper than YAML would be written; a mutation may also have put a value into itself."""
    if not isinstance(data, dict | list):
        return False
    if left == 0:
        return True
    return any(_is_deep(item, left - 1) for item in (data.values() if isinstance(data, dict) else data))


def main(arguments: Sequence[str]) -> int:
    """Check so many files; returns the exit code."""
    count = int(arguments[0]) if arguments else 10_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    random = Random(seed)
    registry = built_in_registry()
    source = files(random, seeds(), words_of(registry))
    codes: Counter[str] = Counter()
    sound = 0
    started = time.perf_counter()
    for number in range(count):
        content = next(source)
        try:
            result = check(content, registry, ROOT / "scenarios" / "fuzz.yaml")
        except BaseException:
            traceback.print_exc()
            print(f"file {number} of seed {seed}:\n{content!r}", file=sys.stderr)
            return 1
        codes.update({diagnostic.code for diagnostic in result.diagnostics})
        sound += not result.diagnostics
    took = time.perf_counter() - started
    print(f"{count:,} files in {took:.1f} s, seed {seed}: only diagnostics; {sound:,} files were sound")
    print(f"{len(codes)} codes: " + ", ".join(f"{code} {times:,}" for code, times in codes.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
