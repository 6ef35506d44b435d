"""Where a charger's identity stands in the URL that it dials, and what of the URL may be shown."""

from __future__ import annotations

import pytest

from ocpplab_runner.ocppj.urls import dial, without_credentials


@pytest.mark.parametrize(
    ("url", "identity", "dialled"),
    [
        ("ws://h", "CP1", "ws://h/CP1"),
        ("ws://h/", "CP1", "ws://h/CP1"),
        ("ws://h:9/ocpp//", "CP 1/2", "ws://h:9/ocpp/CP%201%2F2"),
        ("wss://h/ocpp?tenant=7", "CP1", "wss://h/ocpp/CP1?tenant=7"),
        ("wss://h/{identity}/ocpp", "CP1", "wss://h/CP1/ocpp"),
        ("wss://h/ocpp?id={identity}", "C&P", "wss://h/ocpp?id=C%26P"),
        ("ws://{identity}.example.org/ocpp", "cp1", "ws://cp1.example.org/ocpp"),
        ("ws://h/{identity}/{identity}", "CP1", "ws://h/CP1/CP1"),
        ("ws://[::1]:9/ocpp", "CP1", "ws://[::1]:9/ocpp/CP1"),
        ("ws://h/ocpp#part", "CP1", "ws://h/ocpp/CP1"),
    ],
)
def test_the_identity_has_its_place(url: str, identity: str, dialled: str) -> None:
    """Where `{identity}` stands, else at the end of the path; always percent-encoded."""
    assert dial(url, identity).url == dialled


@pytest.mark.parametrize(
    ("url", "credentials"),
    [
        ("ws://h/ocpp", None),
        ("ws://lab:pass%40word@h/ocpp", ("lab", "pass@word")),
        ("ws://:only@h/ocpp", ("", "only")),
        ("ws://lab@h/ocpp", ("lab", "")),
        ("ws://{identity}:pw@h/ocpp", ("CP1", "pw")),
    ],
)
def test_credentials_are_taken_out(url: str, credentials: tuple[str, str] | None) -> None:
    """They are used, and stand neither in what is dialled nor in what is shown."""
    dialled = dial(url, "CP1")
    assert dialled.basic_auth == credentials
    assert dialled.url == "ws://h/ocpp/CP1" or "{identity}" in url
    assert "@" not in dialled.url + dialled.shown


def test_a_query_is_not_shown() -> None:
    """It may hold a token."""
    assert dial("wss://h/ocpp?token=s3cr3t&x=1", "CP1").shown == "wss://h/ocpp/CP1?[redacted]"


@pytest.mark.parametrize(
    "url",
    [
        *("", "h", "http://h", "ws://", "ws://h:port", "ws://h:99999", "ws://h:0", "ws://[::1"),
        *("ws://a..b", "ws://.h", f"ws://{'a' * 64}.example"),
    ],
)
def test_what_is_no_url(url: str) -> None:
    """It is refused before anything is dialled."""
    with pytest.raises(ValueError, match="not a ws:// or wss:// URL"):
        dial(url, "CP1")


@pytest.mark.parametrize(
    "url", ["http://lab:s3cr3t@h/p?t=s3cr3t", "ws://lab:s3cr3t@", "lab:s3cr3t@h", "ws://a:s3cr3t@h:x"]
)
def test_a_refusal_shows_no_credentials(url: str) -> None:
    """Also where the text is no URL at all."""
    assert "s3cr3t" not in without_credentials(url)
    with pytest.raises(ValueError, match="not a ws") as refused:
        dial(url, "CP1")
    assert "s3cr3t" not in str(refused.value)
