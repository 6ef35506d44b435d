"""``schema --install``: the files by which editors find the schema of a project's scenarios."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import click

_VS_CODE, _JETBRAINS = Path(".vscode", "settings.json"), Path(".idea", "jsonSchemas.xml")
_COMPONENT = "JsonSchemaMappingsProjectConfiguration"
_NAME = "ocpplab-runner scenario"


def vs_code(schema: str, scenarios: str) -> tuple[Path, str]:
    """The settings of VS Code with its YAML extension: the file, and what is to stand in it.

    Args:
        schema: path of the schema, from the project's root.
        scenarios: the directory of the scenarios, from there.

    Raises:
        click.UsageError: the file is there and cannot be taken over; nothing of it may be lost.
    """
    globs = [f"{scenarios}/**/*.yaml", f"{scenarios}/**/*.yml"]
    settings = {}
    if _VS_CODE.is_file():
        wanted = json.dumps({"yaml.schemas": {f"./{schema}": globs}})
        try:
            settings = json.loads(_VS_CODE.read_text("utf-8"))
        except ValueError as error:
            raise click.UsageError(f"{_VS_CODE} has comments, or is no JSON; add by hand: {wanted}") from error
        if not isinstance(settings, dict) or not isinstance(settings.get("yaml.schemas", {}), dict):
            raise click.UsageError(f"{_VS_CODE} is not as VS Code writes it; add by hand: {wanted}")
    schemas = {**settings.get("yaml.schemas", {}), f"./{schema}": globs}
    return _VS_CODE, json.dumps({**settings, "yaml.schemas": schemas}, indent=2, ensure_ascii=False) + "\n"


def jetbrains(schema: str, scenarios: str) -> tuple[Path, str]:
    """The same for the IDEs of JetBrains."""
    root = ElementTree.Element("project", version="4")
    if _JETBRAINS.is_file():
        try:
            root = ElementTree.parse(_JETBRAINS).getroot()
        except ElementTree.ParseError as error:
            raise click.UsageError(f"{_JETBRAINS} is no XML: {error}") from error
    component = root.find(f"component[@name='{_COMPONENT}']")
    if component is None:
        component = ElementTree.SubElement(root, "component", name=_COMPONENT)
    entries = _child(_child(component, "state"), "map")
    for old in entries.findall(f"entry[@key='{_NAME}']"):
        entries.remove(old)
    info = _child(_child(ElementTree.SubElement(entries, "entry", key=_NAME), "value"), "SchemaInfo")
    _option(info, "name", _NAME)
    _option(info, "relativePathToSchema", schema)
    listed = _child(ElementTree.SubElement(info, "option", name="patterns"), "list")
    item = ElementTree.SubElement(listed, "Item")
    _option(item, "directory", "true")
    _option(item, "path", scenarios)
    _option(item, "mappingKind", "Directory")
    ElementTree.indent(root)
    return _JETBRAINS, ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


#: Editor → its file and what is to stand there, for a schema and a directory of scenarios.
EDITORS: Mapping[str, Callable[[str, str], tuple[Path, str]]] = {"vscode": vs_code, "jetbrains": jetbrains}


def _child(parent: ElementTree.Element, tag: str) -> ElementTree.Element:
    found = parent.find(tag)
    return ElementTree.SubElement(parent, tag) if found is None else found


def _option(parent: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, "option", name=name, value=value)
