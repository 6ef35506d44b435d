"""The scenario that ``ocpplab-runner new`` writes: commented, and running as it is."""

from __future__ import annotations

import json
import shlex

_PREAMBLE = """\
# yaml-language-server: $schema={schema}
# $schema: {schema}
#
# The first line is for editors with the YAML language server (VS Code and others), the second for JetBrains IDEs:
# they complete and explain every key.
#
{commands}

"""
_TEMPLATE = """\
name: {name}
description: A known card charges; a blocked one is refused.
tags: [auth]
ocpp: ["1.6", "2.0.1"]              # one test case for each; quoted, because 1.6 would be a number

given:                              # the world before the first step
  charger:
    evses: 1
  csms:
    id_tokens:                      # the cards that the CSMS knows; every other card is Invalid
      CARD-1: Accepted
      CARD-2: Blocked

steps:                              # what is done, and what must follow
  - plug_connector: {{evse_id: 1}}
    expect: {{connector_status: Preparing}}

  - authorize_id_tag: {{id_tag: CARD-2}}
    expect: Blocked                 # short for {{auth_status: Blocked}}

  - authorize_id_tag: {{id_tag: CARD-1}}
    expect:                         # in any order, all within 30s unless `within` says otherwise
      auth_status: Accepted
      transaction: {{is: started, evse_id: 1, id_tag: CARD-1}}
      connector_status: Charging

  - wait: 15m                       # takes no time: the simulated target jumps to the next event

  - authorize_id_tag: {{id_tag: CARD-1}}
    expect: {{transaction: ended}}

finally:                            # always done, also after a failure
  - unplug_connector: {{evse_id: 1}}
    expect: {{connector_status: Available}}
"""


#: Commands and what they do; the template's file and schema are filled in.
_COMMANDS = (
    ("ocpplab-runner check {file}", "says what is wrong with this file"),
    ("ocpplab-runner run {file}", "runs it against the simulated charger"),
    ("ocpplab-runner steps", "lists what can be done and expected"),
    ("ocpplab-runner schema -o {schema_file}", "writes the schema anew"),
)


def example(name: str) -> str:
    """A scenario to start from, without the comments at its top.

    Args:
        name: its ``name``; line breaks are taken out.
    """
    return _TEMPLATE.format(name=scalar(" ".join(name.split()) or "My first scenario"))


def preamble(file: str, schema: str, schema_file: str | None = None) -> str:
    """The comments at the top of a scenario that was begun with ``new``, and an empty line.

    Args:
        file: what the file will be called, for the commands; one line.
        schema: where the editor finds the JSON Schema, relative to the file or as a URL.
        schema_file: the same as a path for the commands; unless said as ``schema``.
    """
    paths = {"file": argument(file), "schema_file": argument(schema_file or schema)}
    commands = [(command.format(**paths), what) for command, what in _COMMANDS]
    width = max(len(command) for command, _ in commands)
    comments = "\n".join(f"#   {command:<{width}}   {what}" for command, what in commands)
    return _PREAMBLE.format(schema=schema, commands=comments)


def argument(path: str) -> str:
    """A path as a word of a shell command."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def scalar(text: str) -> str:
    """The text as YAML: plain where YAML reads it back the same, else in double quotes."""
    from ocpplab_runner.scenario.scalars import resolve

    plain = text[0].isalnum() and resolve(text) == text and not any(mark in text for mark in (": ", " #", "${{"))
    return text if plain and not text.endswith(":") and text.isprintable() else json.dumps(text, ensure_ascii=False)
