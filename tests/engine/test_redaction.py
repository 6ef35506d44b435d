"""Secrets never reach a report."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.engine.running.redaction import redact_record
from ocpplab_runner.redaction.redactor import HIDDEN, Redactor
from tests.engine.suite_kit import run_texts


@pytest.mark.parametrize(
    ("record", "clean"),
    [
        ({"password": "x"}, {"password": HIDDEN}),
        (
            {"a": [{"basic_auth": {"user": "u", "Password": "x"}}]},
            {"a": [{"basic_auth": {"user": "u", "Password": HIDDEN}}]},
        ),
        ({"AuthorizationKey": "abc"}, {"AuthorizationKey": HIDDEN}),
        ({"key": "AuthorizationKey", "value": "abc"}, {"key": "AuthorizationKey", "value": HIDDEN}),
        (
            {"key": "SecurityCtrlr.BasicAuthPassword", "value": "abc"},
            {"key": "SecurityCtrlr.BasicAuthPassword", "value": HIDDEN},
        ),
        (
            {"variable": {"name": "BasicAuthPassword"}, "attributeValue": "abc"},
            {"variable": {"name": "BasicAuthPassword"}, "attributeValue": HIDDEN},
        ),
        ({"url": "wss://cp:pw@host/x"}, {"url": f"wss://cp:{HIDDEN}@host/x"}),
        ({"x": "Authorization: Basic Y3A6cGFzcw=="}, {"x": f"Authorization: Basic {HIDDEN}"}),
        ({"x": "bearer abcdef.ghi"}, {"x": f"bearer {HIDDEN}"}),
        ({"token": "abc"}, {"token": HIDDEN}),
    ],
)
def test_by_key_name_and_shape(record: Any, clean: Any) -> None:
    """A secret is known by the key that holds it, by OCPP's key beside it, and by its shape."""
    assert Redactor().redact(record) == clean


@pytest.mark.parametrize(
    "record",
    [
        {"idTag": "CARD-1", "idToken": {"idToken": "X", "type": "ISO14443"}},
        {"key": "HeartbeatInterval", "value": "30"},
        {"password": None, "n": [1, 2.5, True]},
        {"text": "a basic idea: see http://host:80/path"},
        "the target cannot provide_token: generation 2 of the Gateway API has no such command",
    ],
)
def test_the_innocent_is_the_same_object(record: Any) -> None:
    """Nothing is copied when nothing is hidden; id tokens are no secrets."""
    assert Redactor().redact(record) is record


def test_by_value_everywhere() -> None:
    """A declared secret disappears from texts, keys and numbers; the record itself is not changed."""
    redactor = Redactor(["hunter2", 4711, True, None, ""])
    record = {"hunter2-key": "the hunter2!", "n": [4711, 4712, "is 4711"], "ok": True}
    assert redactor.redact(record) == {
        f"{HIDDEN}-key": f"the {HIDDEN}!",
        "n": [HIDDEN, 4712, f"is {HIDDEN}"],
        "ok": True,
    }
    assert record["hunter2-key"] == "the hunter2!"


def test_the_longer_secret_first() -> None:
    """No end of a longer secret is left over when a shorter one is a part of it."""
    assert Redactor(["abc", "abcdef"]).redact_text("abcdef") == HIDDEN


def test_what_a_sensitive_key_held_is_hidden_elsewhere() -> None:
    """A password seen once by its key is known by its value afterwards."""
    redactor = Redactor()
    redactor.redact({"password": "correct horse"})
    assert redactor.redact_text("it is correct horse") == f"it is {HIDDEN}"
    redactor.add_sensitive({"basic_auth": {"user": "cp", "password": "pw1"}})
    assert redactor.redact_text("cp pw1") == f"cp {HIDDEN}"


@given(
    st.text("abcdef0123", min_size=6, max_size=12),
    st.recursive(
        st.text("xyz ", max_size=4), lambda i: st.lists(i, max_size=3) | st.dictionaries(st.text("pqr", max_size=2), i)
    ),
    st.text("xyz ", max_size=3),
)
def test_a_secret_is_nowhere_in_what_is_left(secret: str, around: Any, text: str) -> None:
    """Wherever it is put, it is gone afterwards."""
    record = {"a": around, f"k{secret}": [{"b": f"{text}{secret}{text}"}], "c": secret}
    assert secret not in str(Redactor([secret]).redact(record))


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "api_key",
        "Api-Key",
        "access_token",
        "refreshToken",
        "bearer_token",
        "api_token",
        "clientSecret",
        "private_key",
        "Authorization",
        "proxy-authorization",
        "network_password",
        "passphrase",
        "token",
        "passwd",
    ],
)
def test_every_sensitive_name_is_found_in_a_record(name: str) -> None:
    """The quick look at a record's text misses none of the names, however they are spelt."""
    for value in ("x", 5, ["y"]):
        assert Redactor().redact({"a": [{name: value}]}) == {"a": [{name: HIDDEN}]}


@given(st.text(min_size=4, max_size=8), st.text("qz", max_size=2))
def test_any_text_can_be_a_secret(secret: str, around: str) -> None:
    """Quotes, backslashes, control characters, lone surrogates: what a value is made of does not matter."""
    text = f"{around}{secret}{around}"
    assert Redactor([secret]).redact({"a": text})["a"] == text.replace(secret, HIDDEN)


@given(st.text(min_size=1, max_size=3))
def test_a_short_text_is_hidden_where_it_stands_alone(secret: str) -> None:
    """A short secret is hidden as a value and as a word; the words around it stay readable, and so do keys."""
    redactor = Redactor([secret])
    assert redactor.redact({"__": secret}) == {"__": HIDDEN}
    assert redactor.redact({"__": f"({secret})"})["__"].count(HIDDEN) >= 1
    assert redactor.redact([f"xx{secret}xx"]) == [f"xx{secret}xx"]


def test_the_options_called_authorization_are_no_credentials() -> None:
    """A mapping called authorization is walked like any other; a text of that name is a header."""
    redactor = Redactor()
    redactor.add_sensitive({"authorization": {"master_pass_group": "MASTER", "selection_algorithm": "FindFirst"}})
    assert redactor.redact_text("MASTER FindFirst") == "MASTER FindFirst"
    record = {"authorization": {"master_pass_group": "MASTER", "password": "x"}}
    assert redactor.redact(record) == {"authorization": {"master_pass_group": "MASTER", "password": HIDDEN}}


_EVENT = {"seq": 1, "kind": "frame", "name": "BootNotification", "charger": "charger", "at": 1.5}


@pytest.mark.parametrize(
    "record",
    [
        {
            "type": "event",
            "case": "type.yaml::type [ocpp1.6]",
            "event": {
                **_EVENT,
                "fields": {"direction": "to_csms", "type": "call", "payload": {"status": "x", "type": 7}},
            },
        },
        {"type": "step", "index": "1", "verb": "log", "title": "t", "status": "failed", "line": 1, "at": 1.5},
        {"type": "log", "case": "type", "at": 1.5, "text": "no"},
    ],
)
@given(st.data())
def test_a_record_keeps_its_shape(record: dict[str, Any], data: st.DataObject) -> None:
    """Whatever the secret is, a record's keys and structural values are what they were."""
    event = record.get("event", {})
    words = [*record, *event, *event.get("fields", {}), record["type"], "failed", "call", "to_csms", "frame", "charger"]
    secret = data.draw(st.sampled_from([*words, "1", "1.5", "e", "typ"]) | st.text("abcdefts", min_size=1, max_size=4))
    clean = redact_record(Redactor([secret]), record)
    assert clean.keys() == record.keys()
    for key in record.keys() - {"event", "title", "text"}:
        assert clean[key] == record[key]
    if event:
        for key in event.keys() - {"name", "fields"}:
            assert clean["event"][key] == event[key]
        fields = clean["event"]["fields"]
        assert fields.keys() == event["fields"].keys()
        assert (fields["direction"], fields["type"]) == ("to_csms", "call")


def test_a_record_without_secrets() -> None:
    """In a record secrets go from payloads, their keys too, from texts, and from a note's name."""
    redactor = Redactor(["hunter2", "e"])
    fields = {"direction": "to_csms", "type": "call", "payload": {"hunter2": "e", "x": "the hunter2"}}
    clean = redact_record(redactor, {"type": "event", "event": {**_EVENT, "fields": fields}})
    assert clean["event"]["fields"]["payload"] == {HIDDEN: HIDDEN, "x": f"the {HIDDEN}"}
    note = redact_record(redactor, {"type": "event", "event": {**_EVENT, "kind": "note", "name": "e!", "fields": {}}})
    assert note["event"]["name"] == f"{HIDDEN}!"
    step = redact_record(redactor, {"type": "step", "title": "log: hunter2", "failure": {"message": "is e", "line": 1}})
    assert step == {"type": "step", "title": f"log: {HIDDEN}", "failure": {"message": f"is {HIDDEN}", "line": 1}}


_SECRET = 'S3cr3t "Pä/+=&<01>'


def _encoded() -> dict[str, str]:
    data = _SECRET.encode()
    return {
        "upper": _SECRET.upper(),
        "lower": _SECRET.lower(),
        "json": json.dumps(_SECRET, ensure_ascii=False),
        "json in json": json.dumps(json.dumps({"a": _SECRET}, ensure_ascii=False), ensure_ascii=False),
        "xml": escape(_SECRET, {'"': "&quot;"}),
        "repr": repr(_SECRET),
        "url": quote(_SECRET, safe=""),
        "form": quote_plus(_SECRET),
        "hex": data.hex().upper(),
        "base64": b64encode(data).decode(),
        "base64 for URLs": urlsafe_b64encode(data).decode(),
        "user:password": b64encode(b"u:" + data).decode(),
        "longer user": b64encode(b"us:" + data + b"!").decode(),
        "aligned": b64encode(b"usr" + data + b"!!").decode(),
    }


@pytest.mark.parametrize("shape", _encoded())
def test_every_shape_of_a_value(shape: str) -> None:
    """However a value is written, nothing of it is left, in a record and in a text."""
    text = f"<{_encoded()[shape]}>"
    redactor = Redactor([_SECRET])
    record = {"type": "log", "case": "c", "at": 0.0, "text": text}
    for shown in (redactor.redact_text(text), redact_record(redactor, record)["text"]):
        assert HIDDEN in shown
        assert len(shown.replace(HIDDEN, "")) < 24
        assert "s3cr3t" not in shown.lower()


@pytest.mark.parametrize(
    "text",
    [
        "see http://h/x?token=abcSECRET&y=1",
        "api_key: abcSECRET",
        '{"password":"abcSECRET"}',
        r"{\"clientSecret\":\"abcSECRET\"}",
        "{password: 'abcSECRET def'}",
        "wss://u:abcSECRET@host/x",
        "-----BEGIN CERTIFICATE-----\nabcSECRET\n-----END CERTIFICATE-----",
        "-----BEGIN RSA PRIVATE KEY-----\nabcSECRET",
    ],
)
def test_what_a_text_itself_says_to_be_secret(text: str) -> None:
    """A name with its value, the user part of a URL, and PEM blocks are hidden within texts."""
    for record in ({"type": "log", "text": text}, {"type": "step", "title": text}):
        assert "SECRET" not in str(redact_record(Redactor(), record))


@pytest.mark.parametrize("text", ["idToken: CARD-1", "password: ${{ env.PW }}", "id_token=CARD-1", "a key: value"])
def test_cards_and_expressions_are_readable(text: str) -> None:
    """What only looks like a secret stays."""
    assert Redactor().redact_text(text) == text


@pytest.mark.parametrize("key", ["type", "kind", "code", "arrived", "charger", "source", "file", "at", "line"])
def test_no_key_is_skipped_by_its_name(key: str) -> None:
    """A peer's key may be called as one of ours: only the position in the record decides."""
    redactor = Redactor(["hunter22"])
    payload = {"payload": {key: "hunter22", "deep": [{key: ["hunter22"]}]}}
    event = {"seq": 1, "kind": "frame", "name": "DataTransfer", "charger": "c", "at": 0.0, "fields": payload}
    failure = {"message": "m", "arrived": ["hunter22"], "diff": [{"path": "p", key: "hunter22"}]}
    for record in ({"type": "event", "case": "c", "event": event}, {"type": "step", "failure": failure}):
        assert "hunter22" not in str(redact_record(redactor, record))


def test_a_cut_shows_no_beginning_of_a_secret(tmp_path: Path) -> None:
    """What is cut to fit a line has lost its secrets before, in payloads and in the names of actions."""
    secret = "Kq7-Wz93-Lm55-Tx18-Vb60"
    pads = ["." * length for length in range(1, 400, 5)]
    sent = [f"{{action: DataTransfer, payload: {{vendorId: v, data: '{pad}${{{{ key }}}}'}}}}" for pad in pads]
    sent += [f"{{action: '{pad}${{{{ key }}}}', payload: {{}}}}" for pad in pads]
    shown = ""
    for first in range(0, len(sent), 20):
        steps = "".join(f"  - {{raw: true, proxy_message: {one}}}\n" for one in sent[first : first + 20])
        outcome = run_texts(
            tmp_path,
            f"secrets: [key]\nvars: {{key: {secret}}}\nsteps:\n{steps}"
            "  - {expect: {message: {action: DataTransfer, payload: {vendorId: w}}}, since: start, within: 1s}\n",
        )
        assert outcome.verdicts() == ["failed"]
        shown += json.dumps(outcome.end()["failure"])
    assert "DataTransfer" in shown
    assert secret[:4] not in shown
