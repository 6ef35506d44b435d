"""Twenty secrets, in every place that a value can come from, stand in no output in any shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
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
    "CSMS_PASSWORD": word("csm"),
    "CSMS_QUERY": word("qry"),
    "GATEWAY_TOKEN": word("gat"),
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
    "a refused file": secret("refusedForMoreCharactersThanAMessageShows"),
    "a refused file, misspelt": secret("mis"),
    "a refused file's private key": "Zqpemrefused01",
    "broken YAML": secret("bro"),
    "a configuration in plain text": word("pla"),
    "a CSMS's password": ENVIRONMENT["CSMS_PASSWORD"],
    "a CSMS's query": ENVIRONMENT["CSMS_QUERY"],
    "a target's URL": word("url"),
    "a Gateway's token": ENVIRONMENT["GATEWAY_TOKEN"],
    "a value that is no JSON": word("nojson"),
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


#: Written as people do: the last lines are no YAML, or no scenario.
REFUSED = f"""\
name: It is refused
ocpp: ["1.6"]
defaults: _refused_defaults.yaml
secrets: [declared]
vars:
  declared: {json.dumps(SECRETS["a refused file"])}
  declared: {json.dumps(SECRETS["a refused file"])}
given: {{charger: {{basic_auth: {{user: u, pasword: {json.dumps(SECRETS["a refused file, misspelt"])}}}}}}}
steps:
  - log: "-----BEGIN PRIVATE KEY-----\\nZqpemrefused01\\n-----END PRIVATE KEY-----"
  - authorize_id_tags: {json.dumps(SECRETS["a refused file"])}
  - log: "${{{{ nope }}}}"
  - {{power: "on", expect: {{boot: {json.dumps(SECRETS["a refused file"])}}}}}
"""
BROKEN = f"""\
name: It is broken
password: {json.dumps(SECRETS["broken YAML"])}
steps: [password: {json.dumps(SECRETS["broken YAML"])}
"""
TARGETS = """\
targets:
  csms:
    kind: csms
    url: "ws://127.0.0.1:9/ocpp?key=${{ env.CSMS_QUERY }}&tenant=${{ env.CSMS_QUERY }}"
    basic_auth: {user: lab, password: "${{ env.CSMS_PASSWORD }}"}
    within: 1s
  wrong:
    kind: csms
    url: "ftp://lab:${{ env.CSMS_PASSWORD }}@127.0.0.1/?x=${{ env.CSMS_QUERY }}"
  gateway: {kind: gateway, base_url: "http://127.0.0.1:PORT", token: "${{ env.GATEWAY_TOKEN }}"}
"""
PLAIN_TEXT = f"""\
targets: {{lab: {{kind: csms, url: "wss://lab:{SECRETS["a target's URL"]}@h/",
  password: {SECRETS["a configuration in plain text"]}, password: {SECRETS["a configuration in plain text"]}}}}}
"""
SMALL = """\
name: It is small
ocpp: ["1.6"]
vars: {number: 5}
steps: [{authorize_id_tag: CARD-1, expect: {auth_status: Invalid}}, {log: "${{ number }}"}]
"""


class _Echo(BaseHTTPRequestHandler):
    """A Gateway that sends back what it was sent, at length."""

    def do_GET(self) -> None:
        body = ("x" * 60 + str(self.headers["Authorization"]) + "x" * 400).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[int]:
    """Its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, gateway: int) -> Path:
    """A directory with the scenario and what it reads."""
    directory = tmp_path_factory.mktemp("secrets")
    for name, content in (("secrets", SCENARIO), ("_library", LIBRARY), ("_defaults", DEFAULTS)):
        (directory / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    for name, text in (("refused", REFUSED), ("broken", BROKEN), ("small", SMALL)):
        (directory / f"{name}.yaml").write_text(text, "utf-8")
    (directory / "_refused_defaults.yaml").write_text("{vars: {declared: {}}, name: no}", "utf-8")
    (directory / "ocpplab.yaml").write_text(TARGETS.replace("PORT", str(gateway)), "utf-8")
    (directory / "plain").mkdir()
    (directory / "plain" / "ocpplab.yaml").write_text(PLAIN_TEXT, "utf-8")
    return directory


@pytest.fixture(scope="module")
def outputs(place: Path) -> Mapping[str, str]:
    """What every command that shows the scenario has printed and written."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    rig = ("--plugin", "tests.acceptance.secrets_rig")
    told = ("--var", f"told={SECRETS['the command line']}")
    found = {}

    def take(name: str, *arguments: str, cwd: Path = place) -> str:
        done = cli(*arguments, cwd=cwd, **environment)
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
    for form in ("full", "concise", "json", "github"):
        take(f"check --format {form}", "check", "refused.yaml", "broken.yaml", "--format", form)
    take("run of refused files", "run", "refused.yaml", "broken.yaml", "--github", "--jsonl", "refused.jsonl")
    found["refused.jsonl"] = (place / "refused.jsonl").read_text("utf-8")
    for target in ("csms", "wrong", "gateway"):
        take(f"--target {target}", "run", "small.yaml", "--target", target, "-vv", "--jsonl", f"{target}.jsonl")
    for target in ("csms", "gateway"):
        found[f"{target}.jsonl"] = (place / f"{target}.jsonl").read_text("utf-8")
    take("plain text", "run", "../small.yaml", "--target", "lab", cwd=place / "plain")
    take("no JSON", "run", "small.yaml", "--var", f"number:={SECRETS['a value that is no JSON']}")
    take("no name", "run", "small.yaml", "--var", f"num-ber={SECRETS['a value that is no JSON']}")
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


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("check --format full: standard output", "duplicate"),
        ("run of refused files: standard output", "pasword"),
        ("--target csms: standard output", "error"),
        ("--target wrong: standard error", "ws:// or wss://"),
        ("--target gateway: standard output", "HTTP 400"),
        ("plain text: standard error", "ocpplab.yaml"),
        ("no JSON: standard error", "is not JSON"),
        ("no name: standard error", "NAME=TEXT"),
    ],
)
def test_the_other_commands_get_there_too(outputs: Mapping[str, str], output: str, told: str) -> None:
    """Each says what is wrong: where nothing is said nothing can leak."""
    assert told in outputs[output]


def _leaks(outputs: Mapping[str, str], value: str) -> Iterator[str]:
    for name, text in outputs.items():
        for line in text.splitlines():
            if found := leaks(value, line):
                yield f"{name} ({', '.join(found)}): {line[:1000]}"


@pytest.mark.parametrize("where", SECRETS)
def test_no_output_shows_it(outputs: Mapping[str, str], where: str) -> None:
    """Neither the secret nor a part of it, in any letter case and encoding."""
    assert list(_leaks(outputs, SECRETS[where]))[:5] == []
