"""Known values in texts: whole, cut, and not where they only seem to be."""

from __future__ import annotations

import pytest

from ocpplab_runner.redaction.redactor import HIDDEN, Redactor

SECRET = "Zq7 harbour/wall-Xj"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("is 'Zq7 har…' here", f"is '{HIDDEN}…' here"),
        ("is Zq7 harb... here", f"is {HIDDEN}... here"),
        ("ZQ7 HARBOUR/W…", f"{HIDDEN}…"),
        ("it ends with Zq7 harbour", f"it ends with {HIDDEN}"),
        ("Zq7%20harb…", f"{HIDDEN}…"),
        # base64 of "lab:" and the secret, cut
        ("bGFiOlpxNyBoYXJib3Vy…", f"bGFi{HIDDEN}…"),
        # A beginning that is no cut one is somebody else's text.
        ("Zq7 harbour master", "Zq7 harbour master"),
        ("Zq7 h", "Zq7 h"),
        ("Zq7…", "Zq7…"),
    ],
)
def test_a_text_that_was_cut_within_a_secret(text: str, shown: str) -> None:
    """A beginning goes where a text says that it was cut, or ends in the middle of the secret."""
    assert Redactor([SECRET]).redact_text(text) == shown


def test_a_cut_is_found_in_a_record_too() -> None:
    """The quick look at the JSON of a record clears none that holds a beginning."""
    assert Redactor([SECRET]).redact({"a": ["zq7 harbour…"]}) == {"a": [f"{HIDDEN}…"]}


def test_what_has_the_same_beginning() -> None:
    """Of two secrets that begin alike the longer one goes as a whole, and a cut one too."""
    redactor = Redactor(["harbour-1", "harbour-1-inner"])
    assert redactor.redact_text("harbour-1 harbour-1-inner harbour-1-in…") == f"{HIDDEN} {HIDDEN} {HIDDEN}…"


def test_short_words_beside_long_ones() -> None:
    """A short secret goes as a word only, whatever longer ones there are."""
    assert Redactor(["abc", "abcdef"]).redact_text("abc abcd abcdef") == f"{HIDDEN} abcd {HIDDEN}"


def test_a_password_is_hidden_also_in_what_comes_before_it() -> None:
    """What a sensitive key holds is learned before the walk begins."""
    data = {"a": "it is correct horse", "password": "correct horse"}
    assert Redactor().redact(data) == {"a": f"it is {HIDDEN}", "password": HIDDEN}


def test_json_within_a_text() -> None:
    """Its sensitive keys count: the value is hidden in every spelling, and elsewhere."""
    redactor = Redactor()
    redactor.add_sensitive({"data": '{"password": "a \\"b\\" c, d"}'})
    assert redactor.redact_text('it is A "B" C, D') == f"it is {HIDDEN}"


def test_a_difference_names_the_field_of_its_values() -> None:
    """A diff has the name of the field in its path."""
    diff = {"path": "payload.password", "expected": "abcdefg", "actual": "hijklmn", "reason": "differs"}
    redactor = Redactor()
    assert redactor.redact_ours([diff]) == [{**diff, "expected": HIDDEN, "actual": HIDDEN}]
    assert redactor.redact_text("should be abcdefg, and is hijklmn") == f"should be {HIDDEN}, and is {HIDDEN}"


def test_a_peer_that_makes_up_passwords_is_not_remembered_for_ever() -> None:
    """Each is hidden under its own key; of thousands only some are looked for elsewhere."""
    redactor = Redactor()
    for number in range(2000):
        assert redactor.redact({"password": f"made-{number}-up"}) == {"password": HIDDEN}
    assert redactor.redact_text("made-0-up made-1999-up") == f"{HIDDEN} made-1999-up"


@pytest.mark.parametrize(
    "text",
    [
        r'{"token": "a\"b SECRET"} rest',
        r"{\"token\": \"a\\\"b SECRET\"} rest",
        r"{\\\"token\\\": \\\"a b SECRET\\\"} rest",
        "{'password': 'a SECRET'} rest",
        '{"password": "a SECRET',
    ],
)
def test_quotes_within_quotes(text: str) -> None:
    """A value in a text goes up to the quote that ends it, however deep it is quoted."""
    shown = Redactor().redact_text(text)
    assert "SECRET" not in shown
    assert shown.endswith("rest") is text.endswith("rest")


def test_what_2x_tells_beside() -> None:
    """A VPN's shared key, the SIM's PIN, and the attributes of a sensitive variable."""
    vpn = {"server": "h", "user": "u", "password": "abcdef", "key": "shared1", "type": "IKEv2"}
    assert Redactor().redact({"vpn": vpn})["vpn"] == {**vpn, "password": HIDDEN, "key": HIDDEN}
    assert Redactor().redact({"apn": {"simPin": 4711}}) == {"apn": {"simPin": HIDDEN}}
    attribute = {"type": "Actual", "value": "abcdef", "mutability": "WriteOnly"}
    report = {"variable": {"name": "BasicAuthPassword"}, "variableAttribute": [attribute]}
    assert Redactor().redact(report)["variableAttribute"] == [{**attribute, "value": HIDDEN}]


@pytest.mark.parametrize("name", ["X-Amz-Signature", "sig", "api_key", "AWSAccessKey", "auth", "X-Goog-Credential"])
def test_a_signed_url(name: str) -> None:
    """Its signature is a credential; the rest of the URL is readable."""
    url = f"https://h/fw.bin?version=1&{name}=Ab%2Fc1&part=2"
    assert Redactor().redact({"location": url})["location"] == f"https://h/fw.bin?version=1&{name}={HIDDEN}&part=2"
    plain = {"location": "https://h/fw.bin?version=1&part=2"}
    assert Redactor().redact(plain) is plain
