"""Hostile scenario and configuration files, as data: none of them may pass, hang, or show a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

_EXPRESSIONS = (
    "round(12345, -999999999)",
    "round(1.5, 999999999)",
    "'a' * 1000000000",
    "[1] * 1000000000",
    "[[1] * 1000] * 1000",
    'len(str([["a"*100000]*1000]*1000))',
    "[[[['a' * 999] * 99] * 99] * 99] * 99",
    "'a' * 99999 + 'a' * 99999",
    "upper('a' * 99999) == lower('a' * 999999)",
    "9" * 900 + " * " + "9" * 90,
    "int('9' * 4300) * int('9' * 4300)",
    "int('9' * 99999)",
    "float('1e400') * 0",
    "int(1e308 * 10)",
    "1 / 0",
    "1 % 0",
    "2 ** 99999999",
    "1 << 99999999",
    "'%999999999d' % 1",
    "random_hex(1000000000)",
    "random_int(1, 'z')",
    "random_int(5, 1)",
    "seconds('" + "9" * 800 + "h')",
    "in_future('" + "9" * 300 + "d')",
    "in_past('99999999999d')",
    "time_after('2030-01-31T12:00:00Z', 1e300)",
    "time_before('0001-01-01T00:00:00Z', '1h')",
    "max([])",
    "min(1, 'a')",
    "len(1)",
    "().__class__.__bases__",
    "env.__class__",
    "open('/etc/passwd')",
    "__import__('os')",
    "(lambda: 1)()",
    "[x for x in env]",
    "(" * 150 + "1" + ")" * 150,
    "-" * 900 + "1",
    "not " * 240 + "true",
    "no_such_name",
)
_PLACES = (
    "steps:\n  - log: {text: %s}\n",
    "vars: {x: %s}\nsteps:\n  - log: '${{ x }}'\n",
    "steps:\n  - wait: %s\n",
)
_PATTERNS = ("(a+)+b(?=c)", r"(a)\1", "[", "(?P<n", "a{1000}{1000}", "(" * 900, "a" * 5000, "(?<=a)b", "a**", "\\")
_HEAD = 'name: hostile\nocpp: ["1.6"]\n'
_DOCUMENTS: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b"\xff\xfe\x00\x00",
    b"\xef\xbb\xbf\xef\xbb\xbf",
    b"\xc3\x28",
    b"name: \x1b[2J\x07\n",
    b"\t- x",
    b"[" * 100_000,
    b"{" * 100_000,
    b"[" * 5_000 + b"]" * 5_000,
    b"- " * 50_000,
    b"? " * 50_000,
    b"a: " * 10_000,
    b"'" + b"x" * 1_000_000,
    b"a: &a [*a]\n",
    b"a: &a {b: *a}\n<<: *a\n",
    b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(12)),
    b"*nobody",
    b"!!python/object/apply:os.system ['true']",
    b"!!binary |\n  AAAA\n",
    b"!<tag:x> y",
    b"%YAML 9.9\n---\nx",
    b"---\n" * 10_000,
    b"name: a\nname: b\n",
    b"name: " + b"9" * 100_000,
    b"name: x\nsteps: 1\n",
    b"name: x\nsteps: {}\n",
    b"name: [x]\nsteps: [[[[]]]]\n",
    b"name: x\nsteps:\n" + b"  - log: x\n" * 200_000,
    b"name: x\nsteps: [{include: {file: hostile.yaml}}]\n",
    b"name: x\nsteps: [{include: {file: /dev/zero}}]\n",
    b"name: x\nsteps: [{include: {file: ../../../../etc/passwd}}]\n",
    b"name: x\nocpp: ['9.9']\nsteps: [{log: x}]\n",
    b"name: x\ntimeout: 99999999999999999999d\nsteps: [{log: x}]\n",
    b"name: x\nsteps: [{repeat: {times: 99999999999999999999, steps: [{log: x}]}}]\n",
    b"name: x\nsteps: [{wait: .inf}]\n",
    b"name: x\nsteps: [{wait: .nan}]\n",
    b"name: x\ngiven: {charger: {evses: 999999999}}\nsteps: [{log: x}]\n",
    b"name: x\nsteps: [{raw: true}]\n",
    b"name: x\nsteps: [{never: {}, for: 1s}]\n",
)
_CONFIGS: tuple[bytes, ...] = (
    *_DOCUMENTS[1:26],
    b"targets: []\n",
    b"targets: {t: null}\n",
    b"targets: {t: {kind: csms}}\n",
    b"targets: {t: {kind: csms, url: 'http://127.0.0.1'}}\n",
    b"targets: {t: {kind: csms, url: 'ws://127.0.0.1:999999/'}}\n",
    b"targets: {t: {kind: csms, url: 'ws://127.0.0.1:1/', within: -1s}}\n",
    b"targets: {t: {kind: csms, url: 'ws://127.0.0.1:1/', ca: /dev/zero}}\n",
    b"targets: {t: {kind: csms, url: 'ws://[::1'}}\n",
    b"targets: {t: {kind: csms, url: 'ws://127.0.0.1:1/\\u0000'}}\n",
    b"targets: {t: {kind: gateway, base_url: 'file:///etc/passwd', token: '${{ env.HOME }}'}}\n",
    b"targets: {t: {kind: gateway, local: true, local_config: /dev/zero}}\n",
    b"targets: {t: {kind: no-such-kind}}\n",
    b"targets: {t: {kind: csms, url: '${{ env }}'}}\n",
    b"targets: {t: {kind: csms, url: '${{ 9 * 9 }}'}}\n",
    b"targets: {t: {kind: csms, url: 'ws://127.0.0.1:1/', cards: [1]}}\n",
)
#: Lists of real cards.
_CARDS: tuple[bytes, ...] = (
    b"5",
    b"[CARD-1]",
    b"CARD-1: null\n",
    b"CARD-1: [Accepted]\n",
    b"CARD-1: {status: {a: {b: c}}}\n",
    b"CARD-1: {status: Accepted, type: " + b"x" * 900_000 + b"}\n",
    b"CARD-1: {status: Accepted, expired_for: 99999999999999d}\n",
    b'"A\\e[2J": Accepted\n',
    b'"A\\0": Accepted\n',
    b'"\\u202eA": Accepted\n',
    b'"\\ud800": Accepted\n',
    b'"::error::x": Wonderful\n',
    b"card-1: Accepted\nCARD-1: Blocked\n",
    b"A: Accepted\nA: Blocked\n",
    b"? [a]\n: Accepted\n",
    b"!!python/object/apply:os.system [x]: Accepted\n",
)
#: Names of reports.
_REPORTS = ("", "-", ".", "..", "/", "x" * 300, "x/" * 3000 + "y", "hostile.yaml", "hostile.yaml/x", "\udcff/" * 90)
_GOOD = _HEAD + "steps: [{authorize_id_tag: CARD-1, expect: Accepted}]\n"
#: Passes nowhere.
_BLOCKED = _HEAD + "steps: [{authorize_id_tag: CARD-1, expect: {auth_status: NoCredit}}]\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _cards() -> Iterator[bytes]:
    yield from _CARDS
    yield b"".join(b"C%d: Accepted\n" % number for number in range(1_000_000))


def hostile_files() -> Iterator[tuple[str, dict[str, bytes], list[str]]]:
    """Each attack: its name, the files of its directory, and the arguments of ``ocpplab-runner run``."""
    for (number, expression), (place, body) in product(enumerate(_EXPRESSIONS), enumerate(_PLACES)):
        text = _HEAD + body % _quoted("${{ " + expression + " }}")
        yield f"expression-{number}-{place}", {"hostile.yaml": text.encode()}, ["hostile.yaml"]
    for number, pattern in enumerate(_PATTERNS):
        matcher = "{$matches: " + _quoted(pattern) + "}"
        text = f"{_HEAD}steps:\n  - authorize_id_tag: CARD-1\n    expect: {{auth_status: {{id_tag: {matcher}}}}}\n"
        yield f"pattern-{number}", {"hostile.yaml": text.encode()}, ["hostile.yaml"]
    for number, document in enumerate(_DOCUMENTS):
        yield f"document-{number}", {"hostile.yaml": document}, ["hostile.yaml"]
    for number, document in enumerate(_CONFIGS):
        files = {"hostile.yaml": _GOOD.encode(), "ocpplab.yaml": document}
        yield f"config-{number}", files, ["hostile.yaml", "--target", "t"]
    for number, document in enumerate(_cards()):
        files = {"hostile.yaml": _GOOD.encode(), "cards.yaml": document}
        yield f"cards-{number}", files, ["hostile.yaml", "--csms", "ws://127.0.0.1:1/", "--cards", "cards.yaml"]
    for (number, name), option in product(enumerate(_REPORTS), ("--junit", "--jsonl")):
        yield f"report-{number}{option}", {"hostile.yaml": _BLOCKED.encode()}, ["hostile.yaml", option, name]


def write(directory: Path, files: dict[str, bytes]) -> None:
    """Put the files there."""
    for name, content in files.items():
        (directory / name).write_bytes(content)
