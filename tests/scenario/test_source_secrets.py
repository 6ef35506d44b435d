"""Diagnostics quote a file's lines, and none of its secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocpplab_runner.scenario.source_secrets import declared_in, masked, secrets_in


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r'password: "S3cr3t \"VAR\""', 'is S3cr3t "VAR" here'),
        ("password: 'S3cr3t ''VAR'", "is S3cr3t 'VAR here"),
        ("password: S3cr3t-VAR", "is s3CR3T-var here"),
        ("url: wss://u:S3cr3t-VAR@h/", "is S3cr3t-VAR here"),
        (r'data: "-----BEGIN PRIVATE KEY-----\nS3cr3tVAR12\n-----END PRIVATE KEY-----"', "is S3cr3tVAR12 here"),
    ],
)
def test_a_message_spells_it_as_it_is_meant(text: str, message: str) -> None:
    """Without the file's quotes and escapes, in any letter case; from URLs and PEM blocks too."""
    shown = masked(message, secrets_in(text))
    assert "3cr3t" not in shown.lower()
    assert shown.startswith("is ")
    assert shown.endswith(" here")


def test_what_another_file_declares() -> None:
    """A file of defaults has the value, the scenario says that it is secret."""
    assert secrets_in("vars: {tok: S3cr3t}", declared_in("secrets: [tok]")) == {"S3cr3t"}
    assert secrets_in("vars: {tok: S3cr3t}") == frozenset()


def test_what_is_no_secret_stays() -> None:
    """Cards, expressions and the list of names itself are readable."""
    text = "secrets: [tok]\nvars: {tok: '${{ env.X }}'}\nid_token: CARD-1\ntokens: [A, B]"
    assert masked(text, secrets_in(text)) == text


def test_no_key_of_the_language_is_taken_for_a_secret() -> None:
    """Whatever its letters are near to; passwords are."""
    schema = (Path(__file__).parents[2] / "schemas" / "scenario.schema.json").read_text("utf-8")
    keys = set(re.findall(r'"([A-Za-z_]+)": ?[{]', schema))
    assert {"id_tokens", "authorization_type", "password"} <= keys
    assert {key for key in keys if secrets_in(f"{key}: value-of-it")} == {
        "password",
        "passwords",
        "change_password",
    }


def test_a_secret_that_a_message_has_cut() -> None:
    """Its beginning is masked as well."""
    secret = "S3cr3t-VAR-" * 5
    assert "S3cr3t" not in masked(f"{secret[:39]}… is no text", [secret])
