"""ocpplab.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.targets.configuration import ConfigurationError, find_target

STAGING = """
targets:
  staging:
    kind: csms
    url: wss://csms.example.org/ocpp
    basic_auth: {user: me, password: "${{ env.SECRET }}"}
    identities: [CP-1, "${{env.SECOND}}"]
"""


def write(directory: Path, text: str) -> Path:
    """Write the file; returns its directory."""
    (directory / "ocpplab.yaml").write_text(text, "utf-8")
    return directory


def test_target_by_name(tmp_path: Path) -> None:
    """Kind and options, with the environment's values in place."""
    kind, options = find_target("staging", write(tmp_path, STAGING), {"SECRET": "x:y", "SECOND": "CP-2"})
    assert kind == "csms"
    assert options == {
        "url": "wss://csms.example.org/ocpp",
        "basic_auth": {"user": "me", "password": "x:y"},
        "identities": ["CP-1", "CP-2"],
    }


def test_simulated_needs_no_file(tmp_path: Path) -> None:
    """The default target is always there, and may be configured."""
    assert find_target("simulated", tmp_path) == ("simulated", {})
    write(tmp_path, "targets: {simulated: {kind: simulated, realtime: true}}")
    assert find_target("simulated", tmp_path) == ("simulated", {"realtime": True})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "targets: {stagin: {kind: csms}}",
            r"there is no target 'staging'; did you mean 'stagin'\? there are: everest",
        ),
        ("", "there are: everest, local-gateway, local-gateway-g4, simulated, station"),
        ("targets: []", "`targets` maps"),
        ("- x", "`targets` maps"),
        ("targets: {staging: {url: x}}", "needs a `kind`"),
        ("targets: {staging: 1}", "needs a `kind`"),
        ("targets: {staging: {kind: csms, basic_auth: {password: plain}}}", "`password` is a secret"),
        ("targets: {staging: {kind: csms, basic_auth: 'me:plain'}}", "`basic_auth` is a secret"),
        ("targets: {staging: {kind: csms, url: 'ws://me:plain@x'}}", "`url` is a secret"),
        (STAGING, "the environment variable SECRET is not set"),
        ("targets: {", r"ocpplab\.yaml:2:1: "),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, message: str) -> None:
    """Every mistake names the file and the target; a secret never stands in it."""
    with pytest.raises(ConfigurationError, match=message):
        find_target("staging", write(tmp_path, text), {})


def test_secrets_of_other_targets_need_not_be_there(tmp_path: Path) -> None:
    """Only the chosen target's variables are looked up; a plain secret is refused wherever it stands."""
    lab = '  lab: {kind: gateway, base_url: http://x, token: "${{ env.NOT_SET }}"}\n'
    kind, _ = find_target("staging", write(tmp_path, STAGING + lab), {"SECRET": "x", "SECOND": "CP-2"})
    assert kind == "csms"
    with pytest.raises(ConfigurationError, match="target 'lab': `token` is a secret"):
        plain = STAGING + lab.replace("${{ env.NOT_SET }}", "plain")
        find_target("staging", write(tmp_path, plain), {"SECRET": "x", "SECOND": "CP-2"})


@pytest.mark.parametrize(
    "other", ["7", "{}", "[x]", "{kind: 7}", "{url: ws://x}", "null", "{kind: nonsense, a: {b: 1}}"]
)
def test_a_target_that_is_wrong_is_the_affair_of_who_uses_it(tmp_path: Path, other: str) -> None:
    """The others run, and it is named among them."""
    write(tmp_path, f"targets: {{good: {{kind: simulated}}, other: {other}}}")
    assert find_target("good", tmp_path) == ("simulated", {})
    with pytest.raises(
        ConfigurationError, match="there are: everest, good, local-gateway, local-gateway-g4, other, simulated, station"
    ):
        find_target("neither", tmp_path)
    if "nonsense" not in other:
        with pytest.raises(ConfigurationError, match="target 'other' needs a `kind`"):
            find_target("other", tmp_path)


def test_cards_and_identities_are_text_as_written(tmp_path: Path) -> None:
    """What YAML would read as a number, a date or a boolean is a card all the same."""
    text = """
base: &base {kind: csms, url: ws://x, within: 5}
targets:
  staging:
    <<: *base
    cards: {04E2: Accepted, 0123: {status: Blocked}, 12:30: Expired, on: Invalid}
    tokens: {CARD-1: 0x10}
    identities: [001, 2024-01-01]
    versions: [1.6]
    verify: false
"""
    assert find_target("staging", write(tmp_path, text)) == (
        "csms",
        {
            "url": "ws://x",
            "within": 5,
            "cards": {"04E2": "Accepted", "0123": {"status": "Blocked"}, "12:30": "Expired", "on": "Invalid"},
            "tokens": {"CARD-1": "0x10"},
            "identities": ["001", "2024-01-01"],
            "versions": ["1.6"],
            "verify": False,
        },
    )
