"""``ocpplab-runner new``: where things go, and commands that can be pasted."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocpplab_runner.cli.new import command
from ocpplab_runner.tools.starting.happenings import happenings


def new(*arguments: str) -> Result:
    """Run it in the current directory."""
    return CliRunner().invoke(command, arguments)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def modeline(file: Path) -> Path:
    """The file that a scenario's first line points at."""
    match = re.match(r"# yaml-language-server: \$schema=(.+)\n", file.read_text("utf-8"))
    assert match
    return (file.parent / match[1]).resolve()


def test_one_schema_for_all_scenarios(here: Path) -> None:
    """In .ocpplab, out of version control, compact, whatever directory a scenario is in."""
    for name in ("first", "tests/deep/second", "tests/third"):
        assert new(name).exit_code == 0
    schema = here / ".ocpplab" / "scenario.schema.json"
    assert list(here.rglob("*.json")) == [schema]
    assert {modeline(file) for file in here.rglob("*.yaml")} == {schema}
    assert "\n " not in schema.read_text("utf-8")
    assert json.loads(schema.read_text("utf-8"))["title"] == "ocpplab-runner scenario"
    assert (here / ".ocpplab" / ".gitignore").read_text("utf-8") == "*\n"


def test_an_old_schema_of_ours_is_renewed(here: Path) -> None:
    """The one in .ocpplab is written by us; nobody keeps anything in it."""
    (here / ".ocpplab").mkdir()
    schema = here / ".ocpplab" / "scenario.schema.json"
    schema.write_text("{}")
    assert new("first").exit_code == 0
    assert schema.read_text("utf-8") != "{}\n"
    assert "definitions" in json.loads(schema.read_text("utf-8"))


@pytest.mark.parametrize(
    "place", ["scenario.schema.json", "tests/scenario.schema.json", "schemas/scenario.schema.json"]
)
def test_a_schema_of_the_project_is_used(here: Path, place: str) -> None:
    """And left as it is."""
    (here / place).parent.mkdir(exist_ok=True)
    (here / place).write_text("{}")
    assert new("tests/first").exit_code == 0
    assert modeline(here / "tests" / "first.yaml") == here / place
    assert (here / place).read_text() == "{}"
    assert not (here / ".ocpplab").exists()


def test_a_scenario_elsewhere_has_its_schema_beside_it(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not in the directory where the command happens to run."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert new(str(elsewhere / "first")).exit_code == 0
    assert modeline(elsewhere / "first.yaml") == elsewhere / ".ocpplab" / "scenario.schema.json"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", ["a b/ö?", "it's", "plain", "-x", "$HOME"])
def test_every_command_can_be_pasted(here: Path, name: str) -> None:
    """With quotes where a shell wants them."""
    done = new("--", name)
    assert done.exit_code == 0, done.output
    file = f"{name}.yaml"
    said = done.output.splitlines()[-1].removeprefix("run it: ")
    assert shlex.split(said)[:2] == ["ocpplab-runner", "run"]
    assert Path(shlex.split(said)[2]) == Path(file)
    text = (here / file).read_text("utf-8")
    commands = re.findall(r"^#   (ocpplab-runner .*?)   +\S.*$", text, re.MULTILINE)
    assert [shlex.split(command)[1] for command in commands] == ["check", "run", "steps", "schema"]
    assert Path(shlex.split(commands[0])[2]) == Path(file)
    assert (here / shlex.split(commands[3])[-1]).resolve() == modeline(here / file)


def test_the_explanations_stand_below_each_other(here: Path) -> None:
    """In one column, however long the name."""
    assert new("a-scenario-with-a-long-name").exit_code == 0
    lines = (here / "a-scenario-with-a-long-name.yaml").read_text("utf-8").splitlines()
    columns = {re.search(r"\S   +(?=\S)", line[4:]).end() for line in lines if line.startswith("#   ocpplab")}  # type: ignore[union-attr]
    assert len(columns) == 1


def test_a_name_that_no_line_can_hold_is_refused(here: Path) -> None:
    """It would end the comment that it stands in."""
    done = new("a\nb")
    assert done.exit_code == 2
    assert list(here.iterdir()) == []


def asked(monkeypatch: pytest.MonkeyPatch, answers: str, *arguments: str) -> Result:
    """As :func:`new`, with somebody at the terminal who types these lines."""
    monkeypatch.setattr("ocpplab_runner.cli.new.is_terminal", lambda stream: True)
    return CliRunner().invoke(command, arguments, input=answers)


def test_options_say_what_it_is_about(here: Path) -> None:
    """Named after what happens; all that may follow, in every version, unless said."""
    assert new("--happens", "remote-start").exit_code == 0
    text = (here / "remote-start.yaml").read_text("utf-8")
    assert 'ocpp: ["1.6", "2.0.1", "2.1"]' in text
    assert text.count("status: Accepted") == 1
    assert new("mine", "--happens", "remote-start", "--follows", "charging", "--ocpp", "2.0.1").exit_code == 0
    text = (here / "mine.yaml").read_text("utf-8")
    assert 'ocpp: ["2.0.1"]' in text
    assert "status: Accepted" not in text
    assert "connector_status: Charging" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--happens", "remot-start"), "did you mean 'remote-start'?"),
        (("--happens", "remote-start", "--follows", "chargin"), "did you mean 'charging'?"),
        (("x", "--follows", "charging"), "need --happens"),
        (("x", "y"), "one NAME, not 2"),
        (("plugin",), "needs one NAME"),
        (("plugin", "Json"), "no plugin can be called"),
        ((), "a NAME is needed"),
    ],
)
def test_wrong_usage_writes_nothing(here: Path, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, with what would be right."""
    done = new(*arguments)
    assert done.exit_code == 2
    assert told in done.output
    assert list(here.iterdir()) == []


def test_it_asks_in_a_terminal(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By numbers; Enter takes what is offered, a wrong number is asked for again."""
    done = asked(monkeypatch, "99\n1\n2\n1\n1, 3\n", "refused")
    assert done.exit_code == 0, done.output
    assert "What is to be tested?" in done.output
    assert "Error: 1 to " in done.output
    text = (here / "refused.yaml").read_text("utf-8")
    assert "name: A driver presents a card that the CSMS has blocked\n" in text
    assert "auth_status: Blocked" in text
    assert "never:" not in text
    assert 'ocpp: ["1.6", "2.1"]' in text


def test_enter_at_the_first_question_is_the_example(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commented one, which a NAME is needed for."""
    assert asked(monkeypatch, "\n", "first").exit_code == 0
    assert "A known card charges; a blocked one is refused." in (here / "first.yaml").read_text("utf-8")


def test_whoever_is_asked_is_told_of_an_existing_file_first(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any question, and the file stays as it is."""
    (here / "mine.yaml").write_text("mine", "utf-8")
    done = asked(monkeypatch, "1\n\n\n\n", "mine")
    assert done.exit_code == 2
    assert "What is to be tested?" not in done.output
    assert (here / "mine.yaml").read_text("utf-8") == "mine"


def test_the_list_has_every_name() -> None:
    """Of what happens and of what may follow."""
    said = new("--list").output
    for one in happenings().values():
        assert f"  {one.name} " in said
        assert all(f"    {follow.name} " in said for follow in one.follows)


def test_a_plugin_overwrites_nothing(here: Path) -> None:
    """Whatever is there already."""
    (here / "acme").mkdir()
    done = new("plugin", "acme", "--force")
    assert done.exit_code == 2
    assert "nothing in it is overwritten" in done.output
    assert list((here / "acme").iterdir()) == []
