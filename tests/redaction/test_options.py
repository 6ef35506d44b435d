"""What of a target's options nobody may see."""

from __future__ import annotations

import pytest

from ocpplab_runner.redaction.options import Consulted, option_secrets


@pytest.mark.parametrize(
    ("options", "secrets"),
    [
        ({"url": "wss://lab:a%20b@h/ocpp?token=x&tenant=acme&key=0123456789"}, {"a%20b", "a b", "x", "0123456789"}),
        ({"url": "ws://h/ocpp?version=1"}, set()),
        ({"nested": [{"token": "abc"}], "basic_auth": {"user": "u", "password": "p"}}, {"abc", "p"}),
        ({"url": "ws://[h"}, set()),
    ],
)
def test_secrets_of_options(options: object, secrets: set[str]) -> None:
    """By names and in URLs; what is short and common there stays readable."""
    assert set(option_secrets(options)) == secrets


def test_what_was_asked_of_the_environment() -> None:
    """Only that, and only under names of secrets."""
    environment = Consulted({"LAB_TOKEN": "a", "LAB_HOST": "b", "OTHER_TOKEN": "c"})
    assert [environment["LAB_TOKEN"], environment["LAB_HOST"], "NONE" in environment] == ["a", "b", False]
    assert list(environment.secrets()) == ["a"]
