"""The parts by themselves, as users call them."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT, cli
from tests.acceptance.servers import Csms, beside

_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^```text\n# ([a-z.]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^\$ ocpplab-runner (?P<arguments>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)


#: Where the page's CSMS listens.
_CSMS = "ws://127.0.0.1:9000"


def timeless(text: str) -> str:
    """Without what changes from day to day and from run to run."""
    text = re.sub(r"\b20\d\d-\d\d-\d\d(T[0-9:.]+Z)?\b", "<date>", text)
    return re.sub(r"\b\d+ ms\b", "<time>", text)


def test_what_the_page_shows_is_what_is_printed(tmp_path: Path) -> None:
    """Every session of docs/tools.md that ends by itself, in its order, but for those that need a broker."""
    page = (ROOT / "docs" / "tools.md").read_text("utf-8")
    for name, text in _FILE.findall(page):
        (tmp_path / name).write_text(f"# {name}\n{text}")
    sessions = [session for block in _CONSOLE.findall(page) for session in _SESSION.finditer(block)]
    ran = [session for session in sessions if "^C" not in session["output"] and "mqtt://" not in session["arguments"]]
    for session in ran:
        with ExitStack() as stack:
            url = _CSMS
            if _CSMS in session["arguments"]:
                url = f"ws://127.0.0.1:{stack.enter_context(beside(Csms()))}"
            done = cli(*shlex.split(session["arguments"].replace(_CSMS, url)), cwd=tmp_path)
        printed = done.out.replace(url, _CSMS).replace(f"port {url.rpartition(':')[2]}", "port 9000")
        assert timeless(printed) == timeless(session["output"])
    assert ran


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("certs", "--host", "wss://x"),
            "'wss://x' is no host: give a name or an address, without ws://, port and path",
        ),
        (("certs", "--identity", "x" * 65), "it has room for 1 to 64 characters"),
        (("certs", "--organization", ""), "it has room for 1 to 64 characters"),
        (("certs", "--host", ""), "'' is no host"),
        (("certs", "--host", "*"), "'*' is no host"),
        (("certs", "--host", "-a.example.org"), "'-a.example.org' is no host"),
        (("certs", ""), "the name of the directory is empty"),
        (("csms", "--cards", ""), "the name of the file is empty"),
        (("frames", ""), "the name of the file is empty"),
        (("scenario", ""), "the name of the file is empty"),
        (("diff", "", "it.yaml"), "the name of the file is empty"),
        (("record", "", "ws://x"), "'' is not HOST:PORT"),
        (("record", "127.0.0.1:0", ""), "not a ws:// or wss:// URL: "),
        (("record", "127.0.0.1:0", "ws://x", "--cert", "none.pem"), "none.pem: No such file or directory"),
        (("record", "127.0.0.1:0", "ws://x", "--secret", "NOT_SET"), "the environment has no NOT_SET"),
        (("simulate", "ws://x", "--identity", ""), "--identity is empty"),
        (("simulate", "ws://x", "--given", ""), "the name of the file is empty"),
        (("call", "ws://x", ""), "ACTION is empty"),
        (("probe", ""), "not a ws:// or wss:// URL: "),
        (("certs", "it.yaml"), "Directory 'it.yaml' is a file."),
        (("certs", "it.yaml/certs"), "it.yaml/certs cannot be written: Not a directory"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, in one line, and nothing is left."""
    (tmp_path / "it.yaml").write_text("")
    done = cli(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert told in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["it.yaml"]


def test_frames_of_a_run_are_judged_as_the_run_has_judged_them(tmp_path: Path) -> None:
    """Every frame that was recorded as invalid has an error, and no other."""
    cli("run", str(ROOT / "scenarios" / "violation"), "--jsonl", "run.jsonl", "-q", cwd=tmp_path)
    recorded = {}
    for number, line in enumerate((tmp_path / "run.jsonl").read_text("utf-8").splitlines(), 1):
        record = json.loads(line)
        if record["type"] == "event" and record["event"]["kind"] == "frame":
            fields = record["event"]["fields"]
            recorded[number] = "invalid" in fields or fields["type"] == "malformed"
    done = cli("frames", "run.jsonl", "--jsonl", cwd=tmp_path)
    found = [json.loads(line) for line in done.out.splitlines()]
    assert any(recorded.values())
    assert [one["line"] for one in found] == list(recorded)
    offsets = {one["line"] for one in found if any("has no offset" in error for error in one["errors"])}
    assert {one["line"] for one in found if one["errors"]} - offsets == {
        n for n, bad in recorded.items() if bad
    } - offsets


@pytest.mark.parametrize(
    ("text", "options", "code", "out", "err"),
    [
        ("no frame\n", (), 5, "", "it.log: no frame in 1 line"),
        ('[2,"1","Heartbeat",{}]', ("-q",), 0, "it.log: 1 frame of OCPP 1.6, nothing wrong; 1 call", ""),
        ('[2,"1","Heartbeat",[]]', ("-q",), 1, "it.log:1: error: Heartbeat 1: the payload is no JSON object", ""),
        ('[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"geheim-4711"}]', (), 0, "[redacted]", ""),
        ('[2,"1","Heartbeat",{}]', ("--json", "--jsonl"), 2, "", "exclude each other"),
        ('::error::[2,"1","x\x1b[31m::error::",{}]', (), 1, "it.log:1:", ""),
    ],
)
def test_frames(tmp_path: Path, text: str, options: tuple[str, ...], code: int, out: str, err: str) -> None:
    """Exit codes, and what is printed."""
    (tmp_path / "it.log").write_text(text)
    done = cli("frames", "it.log", *options, cwd=tmp_path)
    assert done.code == code, done.out + done.err
    assert out in done.out
    assert err in done.err
    assert "geheim" not in done.out
    assert "\x1b" not in done.out
    assert not any(line.startswith("::error") for line in done.out.splitlines())


def test_frames_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is none."""
    done = cli("frames", "none.log", cwd=tmp_path)
    assert done.code == 2
    assert "none.log cannot be read: No such file or directory" in done.err
    done = cli("frames", "/dev/zero", cwd=tmp_path)
    assert (done.code, "/dev/zero cannot be read: it is a device, not a file" in done.err) == (2, True)


def test_quiet_certificates_and_those_that_are_kept(tmp_path: Path) -> None:
    """What is there is told, and how long it lasts."""
    assert cli("certs", "-q", "--days", "1", cwd=tmp_path).transcript().splitlines()[1:] == ["--- exit 0"]
    done = cli("certs", "--identity", "CP-2", cwd=tmp_path)
    assert done.code == 0
    assert [line.split()[:2] for line in done.out.splitlines()[:3]] == [
        ["kept", "certs/ca.pem"],
        ["kept", "certs/csms.pem"],
        ["wrote", "certs/station-CP-2.pem"],
    ]
