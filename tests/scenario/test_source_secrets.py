"""Diagnostics quote a file's lines, and none of its secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocpplab_runner.scenario.source_secrets import masked, secrets_in


@pytest.mark.parametrize(
    "text",
    [
        'secrets: [tok]\nvars: {tok: "S3cr3t-VAR-1", tok: "S3cr3t-VAR-1"}',
        "secrets:\n  - tok\nvars:\n  tok: S3cr3t-VAR-1",
        'given: {charger: {basic_auth: {user: u, pasword: "S3cr3t-VAR-1"}}}',
        "{paswords: 'S3cr3t-VAR-1",
        'a: [\npassword: "S3cr3t-VAR-1\n',
        "vars: {AuthorizationKey: S3cr3t-VAR-1}",
        "payload: {key: AuthorizationKey, value: S3cr3t-VAR-1}",
        "privateKey: |\n  S3cr3t-VAR-1\n  S3cr3t-VAR-2\n",
    ],
)
def test_no_line_shows_a_secret(text: str) -> None:
    """Declared or under a key that is nearly a sensitive one, in whatever YAML, whole or broken; columns stay."""
    shown = masked(text, secrets_in(text))
    assert "S3cr3t" not in shown
    assert len(shown) == len(text)


def test_what_is_no_secret_stays() -> None:
    """Cards, expressions and the list of names itself are readable."""
    text = "secrets: [tok]\nvars: {tok: '${{ env.X }}'}\nid_token: CARD-1\ntokens: [A, B]"
    assert masked(text, secrets_in(text)) == text


def test_no_key_of_the_language_is_taken_for_a_secret() -> None:
    """Whatever its letters are near to; passwords are."""
    schema = (Path(__file__).parents[2] / "schemas" / "scenario.schema.json").read_text("utf-8")
    keys = set(re.findall(r'"([A-Za-z_]+)": ?[{]', schema))
    assert {"id_tokens", "authorization_type", "password"} <= keys
    assert {key for key in keys if secrets_in(f"{key}: value-of-it")} == {"password"}


def test_a_secret_that_a_message_has_cut() -> None:
    """Its beginning is masked as well."""
    secret = "S3cr3t-VAR-" * 5
    assert "S3cr3t" not in masked(f"{secret[:39]}… is no text", [secret])
