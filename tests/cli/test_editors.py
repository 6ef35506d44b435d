"""``schema --install``: editors find the schema, and lose nothing of their settings."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from ocpplab_runner.cli.schema import command


def schema(*arguments: str) -> Result:
    """Run it in the current directory."""
    return CliRunner().invoke(command, arguments)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mapped(here: Path) -> list[tuple[str | None, str | None]]:
    """JetBrains: schema and directory of every mapping."""
    root = ElementTree.parse(here / ".idea" / "jsonSchemas.xml").getroot()
    found = []
    for info in root.iterfind("component/state/map/entry/value/SchemaInfo"):
        place, path = (
            info.find(way) for way in ("option[@name='relativePathToSchema']", ".//Item/option[@name='path']")
        )
        assert place is not None
        assert path is not None
        found.append((place.get("value"), path.get("value")))
    return found


def test_both_editors_find_the_schema(here: Path) -> None:
    """Which is written beside; twice is as once."""
    for _ in range(2):
        assert schema("--install", "vscode", "--install", "jetbrains", "--scenarios", "tests/ocpp/").exit_code == 0
    settings = json.loads((here / ".vscode" / "settings.json").read_text("utf-8"))
    [(place, globs)] = settings["yaml.schemas"].items()
    assert globs == ["tests/ocpp/**/*.yaml", "tests/ocpp/**/*.yml"]
    assert json.loads((here / place).read_text("utf-8"))["title"] == "ocpplab-runner scenario"
    assert mapped(here) == [(".ocpplab/scenario.schema.json", "tests/ocpp")]


def test_what_stands_there_stays(here: Path) -> None:
    """Other settings, other schemas."""
    (here / ".vscode").mkdir()
    mine = {"editor.tabSize": 3, "yaml.schemas": {"mine.json": "*.mine.yaml"}}
    (here / ".vscode" / "settings.json").write_text(json.dumps(mine), "utf-8")
    (here / ".idea").mkdir()
    (here / ".idea" / "jsonSchemas.xml").write_text(
        '<project version="4"><component name="JsonSchemaMappingsProjectConfiguration"><state><map>'
        '<entry key="mine">'
        '<value><SchemaInfo><option name="relativePathToSchema" value="mine.json" />'
        '<option name="patterns"><list><Item>'
        '<option name="path" value="mine" /></Item></list></option></SchemaInfo></value></entry>'
        "</map></state></component>"
        '<component name="Other" /></project>',
        "utf-8",
    )
    assert schema("--install", "vscode", "--install", "jetbrains", "-o", "schemas/x.json").exit_code == 0
    settings = json.loads((here / ".vscode" / "settings.json").read_text("utf-8"))
    assert settings["editor.tabSize"] == 3
    assert settings["yaml.schemas"].keys() == {"mine.json", "./schemas/x.json"}
    assert mapped(here) == [("mine.json", "mine"), ("schemas/x.json", "scenarios")]
    assert 'name="Other"' in (here / ".idea" / "jsonSchemas.xml").read_text("utf-8")


@pytest.mark.parametrize("text", ["{// mine\n}", "[]", '{"yaml.schemas": 1}'])
def test_what_could_be_lost_is_left_alone(here: Path, text: str) -> None:
    """Settings with comments, or of another form: nothing is written, and it says what to add."""
    (here / ".vscode").mkdir()
    (here / ".vscode" / "settings.json").write_text(text, "utf-8")
    done = schema("--install", "vscode")
    assert done.exit_code == 2
    assert '{"yaml.schemas": {"./.ocpplab/scenario.schema.json": ["scenarios/**/*.yaml"' in done.output
    assert (here / ".vscode" / "settings.json").read_text("utf-8") == text
    assert not (here / ".ocpplab").exists()


def test_a_schema_outside_of_the_project_is_refused(tmp_path: Path) -> None:
    """The settings are for whoever has the project."""
    assert schema("--install", "vscode", "-o", str(tmp_path.parent / "x.json")).exit_code == 2
