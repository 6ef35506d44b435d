"""The README's quick tour shows what really happens."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from ocpplab_runner.scenario.given_schema import definitions
from tests.acceptance.cli_kit import ROOT, cli, without_wall_times
from tests.fixtures.peers import reference_csms

README = ROOT / "README.md"
_CONSOLE = re.compile(
    r"^```console\n(?P<text>\$ ocpplab-runner (?P<arguments>[^\n]*)\n.*?)^```$", re.MULTILINE | re.DOTALL
)
_SCENARIO = re.compile(r"^```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def tour(directory: Path) -> Path:
    """The files that the tour speaks of."""
    match = _SCENARIO.search(README.read_text("utf-8"))
    assert match
    text = match["text"]
    variants = {
        "blocked.yaml": text,
        "wrong.yaml": text.replace("expect: Blocked", "expect: Accepted"),
        "typo.yaml": text.replace("within: 10s", "witin: 10s"),
    }
    assert len(set(variants.values())) == len(variants)
    for name, content in variants.items():
        (directory / name).write_text(content, "utf-8")
    return directory


def test_the_tour_shows_what_happens(tmp_path: Path) -> None:
    """Each session is run again; only wall times may differ. UPDATE_GOLDEN=1 writes them anew."""
    here = tour(tmp_path)

    def played(match: re.Match[str]) -> str:
        done = cli(*shlex.split(match["arguments"]), cwd=here)
        return f"```console\n$ ocpplab-runner {match['arguments']}\n{done.out}{done.err}```"

    page = README.read_text("utf-8")
    again, sessions = _CONSOLE.subn(played, page)
    assert sessions >= 3
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(again, "utf-8")
    assert without_wall_times(again) == without_wall_times(README.read_text("utf-8"))


def test_the_scenario_runs_unchanged_against_a_csms_that_is_not_ours(tmp_path: Path) -> None:
    """As the first paragraph claims; only the minute is made short, because it is a real one there."""
    match = _SCENARIO.search(README.read_text("utf-8"))
    assert match
    (tmp_path / "blocked.yaml").write_text(match["text"].replace("for: 60s", "for: 600ms"), "utf-8")
    (tmp_path / "cards.yaml").write_text(
        "CARD-BLOCKED: Blocked\nCARD-FLEET-1: {status: Accepted, parent_id_token: FLEET}\n", "utf-8"
    )
    with reference_csms() as peer:
        done = cli("run", "blocked.yaml", "--csms", peer.url, "--cards", "cards.yaml", "--strict", cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    assert "2 passed" in done.out


def test_the_readme_names_the_two_commands() -> None:
    """make run and make test exist."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in ("run", "test"):
        assert f"make {command} " in README.read_text("utf-8")
        assert f"\n{command}: " in makefile


def test_the_readme_names_every_profile_of_the_charger() -> None:
    """What `features` of a charger can hold is what the README says we speak."""
    said = " ".join(README.read_text("utf-8").partition("What it speaks today")[2].split())
    profiles = definitions({})["charger"]["properties"]["features"]["items"]["enum"]
    for profile in profiles:
        assert re.sub(r"(?<=[a-z])(?=[A-Z])", " ", profile).removesuffix(" Management") in said


def test_the_readme_links_to_every_page() -> None:
    """Each page of docs/ can be reached."""
    text = README.read_text("utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{page.name}" in text, page.name
