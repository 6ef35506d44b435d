"""Twenty secrets, in every place that a value can come from, stand in no output in any shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.cli_kit import ROOT, cli
from tests.acceptance.leaks import leaks, secret, word

ENDINGS = ("passes", "failed", "error", "blocked", "unreached", "raised", "loop", "hangs", "exits", "dies", "differs")
PEM = "-----BEGIN PRIVATE KEY-----\nZqpembodyAbCd\nZqpemsecond\n-----END PRIVATE KEY-----\n"
ENVIRONMENT = {
    "LAB_PASSWORD": secret("env"),
    "THROUGHOUT_KEY": secret("thr"),
    "STATE_TOKEN": word("sta"),
    "SERIAL_KEY": word("aNumberLongerThanItsField"),
}
#: Where each secret stands. What a case computes is written so that its text does not hold the whole.
SECRETS: Mapping[str, str] = {
    "declared": secret("dec"),
    "of a row": secret("row"),
    "of a defaults file": secret("dfl"),
    "a sensitive variable": secret("var"),
    "a sensitive variable that is computed": secret("cmp"),
    "the environment": ENVIRONMENT["LAB_PASSWORD"],
    "the environment, in throughout": ENVIRONMENT["THROUGHOUT_KEY"],
    "the environment, in given.state": ENVIRONMENT["STATE_TOKEN"],
    "the command line": secret("cli"),
    "bound by an include": secret("inc"),
    "bound by an include in finally": secret("fin"),
    "a library's own": secret("lib"),
    "saved": secret("sav"),
    "basic_auth": word("bas"),
    "the environment, in a field that is cut": ENVIRONMENT["SERIAL_KEY"],
    "given.csms.replies": secret("rep"),
    "a payload to the charger": word("toc"),
    "a payload to the CSMS": secret("tos"),
    "JSON within a payload": secret("jsn"),
    "a text": word("txt"),
    "a query": word("que"),
    "a private key": "ZqpembodyAbCd",
    "a private key's second line": "Zqpemsecond",
    "the title of a step": secret("tit"),
}


def _computed(value: str) -> str:
    """An expression that gives the value, and whose text does not show it."""
    pieces = [value[:5], value[5:-5], value[-5:]]
    quoted = ["'" + piece.replace("\\", "\\\\").replace("'", "\\'") + "'" for piece in pieces]
    return f"${{{{ {' + '.join(quoted)} }}}}"


def _in_json(name: str, value: str) -> str:
    return json.dumps({name: value}, ensure_ascii=False)


def _to_csms(expect: Any, **payload: Any) -> dict[str, Any]:
    return {"proxy_message": {"action": "DataTransfer", "payload": {"vendorId": "v", **payload}}, "expect": expect}


def _to_charger(action: str, **payload: Any) -> dict[str, Any]:
    return {"csms_call": {"action": action, "payload": payload}, "expect": ANSWERED}


ANSWERED = {"response": {"status": {"$present": True}}}
EVERYTHING = "declared + api_key + client_secret + of_row + of_defaults + told + got + env.LAB_PASSWORD"
SCENARIO = {
    "name": "It is told twenty secrets",
    "ocpp": ["1.6"],
    "defaults": "_defaults.yaml",
    "secrets": ["declared", "of_row", "told", "got", "title"],
    "vars": {
        "declared": SECRETS["declared"],
        "title": SECRETS["the title of a step"],
        "told": "none yet",
        "api_key": SECRETS["a sensitive variable"],
        "client_secret": _computed(SECRETS["a sensitive variable that is computed"]),
    },
    "cases": [{"name": how, "how": how, "of_row": SECRETS["of a row"]} for how in ENDINGS],
    "timeout": "10m",
    "given": {
        "charger": {
            "basic_auth": {"user": "lab", "password": SECRETS["basic_auth"]},
            "serial_number": "${{ env.SERIAL_KEY }}",
        },
        "csms": {
            "id_tokens": {ENVIRONMENT["STATE_TOKEN"]: "Accepted", "CARD-1": "Accepted"},
            "replies": [
                {
                    "to": "DataTransfer",
                    "times": 1,
                    "payload": {
                        "status": "Accepted",
                        "data": _in_json("password", SECRETS["given.csms.replies"]),
                    },
                }
            ],
        },
        "state": {"authorized": {"id_tag": "${{ env.STATE_TOKEN }}"}},
    },
    "throughout": {
        "never": {
            "message": {"action": "DataTransfer", "payload": {"data": {"$contains": "${{ env.THROUGHOUT_KEY }}"}}}
        }
    },
    "steps": [
        _to_csms({"response": {"status": "Accepted"}}, data=_in_json("token", SECRETS["JSON within a payload"])),
        {
            "csms_reply": {
                "to": "DataTransfer",
                "payload": {"status": "Accepted", "data": _computed(SECRETS["saved"])},
            }
        },
        {
            **_to_csms({"response": {"status": "Accepted"}}, messageId="m", data="${{ declared }}"),
            "save": {"got": "response.data"},
        },
        {"name": f"log in with {SECRETS['the title of a step']}", "log": "Bearer ${{ title }} and x${{ got }}y"},
        _to_charger("ChangeConfiguration", key="AuthorizationKey", value=SECRETS["a payload to the charger"]),
        _to_charger("DataTransfer", vendorId="v", data="${{ upper(env.LAB_PASSWORD) }} ${{ lower(api_key) }}"),
        _to_charger("DataTransfer", vendorId="v", data=PEM),
        {
            **_to_csms({"call_error": {"code": {"$present": True}}}, password=SECRETS["a payload to the CSMS"]),
            "raw": True,
        },
        {
            "proxy_message": {
                "text": json.dumps([2, "x", "DataTransfer", {"vendorId": "v", "data": f"password={SECRETS['a text']}"}])
            },
        },
        {
            "log": f"see http://h/x?token={SECRETS['a query']}&y=1, "
            "${{ client_secret }} ${{ of_row }} ${{ of_defaults }} ${{ told }}"
        },
        {
            "include": {
                "file": "_library.yaml#hand_over",
                "with": {
                    "password": SECRETS["bound by an include"],
                    "how": "${{ how }}",
                    "all": f"${{{{ {EVERYTHING} }}}}",
                },
            }
        },
    ],
    "finally": [
        {
            "include": {
                "file": "_library.yaml#wind_up",
                "with": {"password": SECRETS["bound by an include in finally"]},
            }
        }
    ],
}
LIBRARY = {
    "vars": {"token": SECRETS["a library's own"]},
    "fragments": {
        "hand_over": [
            {"log": "${{ password }} ${{ token }} ${{ upper(token) }}"},
            {
                "if": {
                    "condition": "how == 'differs'",
                    "then": [
                        _to_csms(
                            {"response": {"status": "Rejected", "data": "${{ token }}"}}, data="${{ password + all }}"
                        )
                    ],
                }
            },
            {"name": "the end", "group": [{"rig.end": {"how": "${{ how }}", "said": "${{ password }}"}}]},
            {"rig.end": {"how": "${{ how }}", "said": "${{ all }}"}},
        ],
        "wind_up": [
            _to_csms({"response": {"status": {"$present": True}}}, data="${{ password }}"),
            {"log": "${{ password }}"},
        ],
    },
}
DEFAULTS = {"secrets": ["of_defaults"], "vars": {"of_defaults": SECRETS["of a defaults file"]}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the scenario and what it reads."""
    directory = tmp_path_factory.mktemp("secrets")
    for name, content in (("secrets", SCENARIO), ("_library", LIBRARY), ("_defaults", DEFAULTS)):
        (directory / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return directory


@pytest.fixture(scope="module")
def outputs(place: Path) -> Mapping[str, str]:
    """What every command that shows the scenario has printed and written."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    rig = ("--plugin", "tests.acceptance.secrets_rig")
    told = ("--var", f"told={SECRETS['the command line']}")
    found = {}

    def take(name: str, *arguments: str, **more: str) -> str:
        done = cli(*arguments, cwd=place, **environment, **more)
        found[f"{name}: standard output"] = done.out
        found[f"{name}: standard error"] = done.err
        return done.out

    reports = ("--junit", "out.xml", "--jsonl", "out.jsonl", "--github")
    take("run", "run", "secrets.yaml", "-vv", "--timeout", "20s", *reports, *rig, *told)
    for file in ("out.xml", "out.jsonl"):
        found[file] = (place / file).read_text("utf-8")
    take("report", "report", "out.jsonl", "--junit", "again.xml", "-v")
    found["again.xml"] = (place / "again.xml").read_text("utf-8")
    take("dry run", "run", "secrets.yaml", "--dry-run", *rig, *told)
    take("list", "run", "secrets.yaml", "--list", "--json", *rig, *told)
    take("check", "check", "secrets.yaml", *rig)
    return found


def test_the_scenario_gets_everywhere(place: Path, outputs: Mapping[str, str]) -> None:
    """Every case comes to the end that it is named after, and passes all of its secrets on the way."""
    ends = {}
    for line in outputs["out.jsonl"].splitlines():
        record = json.loads(line)
        if record["type"] == "case" and record["phase"] == "end":
            ends[record["id"]] = record["verdict"], record.get("reason", "")
    verdicts = {name.rpartition("[")[2].partition(",")[0]: verdict for name, (verdict, _) in ends.items()}
    assert verdicts == {
        "passes": "passed",
        "failed": "failed",
        "error": "error",
        "blocked": "blocked",
        "unreached": "error",
        "raised": "error",
        "loop": "error",
        "hangs": "error",
        "exits": "error",
        "dies": "error",
        "differs": "failed",
    }, ends


def _leaks(outputs: Mapping[str, str], value: str) -> Iterator[str]:
    for name, text in outputs.items():
        for line in text.splitlines():
            if found := leaks(value, line):
                yield f"{name} ({', '.join(found)}): {line[:1000]}"


@pytest.mark.parametrize("where", SECRETS)
def test_no_output_shows_it(outputs: Mapping[str, str], where: str) -> None:
    """Neither the secret nor a part of it, in any letter case and encoding."""
    assert list(_leaks(outputs, SECRETS[where]))[:5] == []
