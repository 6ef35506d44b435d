"""``probe mqtt://…``: stand-ins for EVerest on a real broker, and brokers that let nobody in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from tests.acceptance.cli_kit import ROOT, Done, cli
from tests.everest.kit import MosquittoBroker, broker, needs_mosquitto, standins, with_passwords, with_tls

pytestmark = needs_mosquitto
PASSWORD = "kein-Wort-davon-4712"
_LACKING = ["auth_token_provider", "evse_manager_consumer", "ocpp_consumer"]
_NOWHERE = {"url": "ws://127.0.0.1:1/ocpp", "version": "2.0.1"}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    """A broker with an EVerest that has everything, and one that lacks much."""
    everests: list[dict[str, Any]] = [
        {"identity": "EV-1", "prefix": "x_", "validators": ["csms", "scripted"], "charger": {"evses": 2}},
        {"identity": "EV-2", "lacks": _LACKING, "monitored": True},
        {"identity": "EV-3", "prefix": "new_", "api_version": 2},
    ]
    with (
        broker(place=tmp_path_factory.mktemp("broker")) as mosquitto,
        standins(mosquitto.port, [{**_NOWHERE, **one} for one in everests]),
    ):
        yield mosquitto


def _looks(done: Done) -> list[list[str]]:
    return [line.split(maxsplit=2) for line in done.out.splitlines()]


def test_an_everest_that_has_everything(two: MosquittoBroker) -> None:
    """Every look, with its own line."""
    done = cli("probe", two.url, "--prefix", "x_", cwd=ROOT)
    assert done.code == 0, done.out + done.err
    looks = _looks(done)
    modules = [text for _, check, text in looks if check == "module"]
    assert modules == [
        "auth_token_provider: provider, API 1",
        "auth_token_validator: validator_1, API 1",
        "auth_consumer: auth_observer, API 1",
        "evse_manager_consumer: evse_1, API 1",
        "evse_manager_consumer: evse_2, API 1",
        "ocpp_consumer: ocpp_observer, API 1",
    ]
    assert [text for _, check, text in looks if check == "evse"] == [
        "EVSE 1 is shown by evse_1",
        "EVSE 2 is shown by evse_2",
    ]
    assert {verdict for verdict, _, _ in looks} == {"ok", "skipped"}


def test_all_that_are_there_are_found(two: MosquittoBroker) -> None:
    """By what they say themselves; what is lacking, and what it means, is told of each."""
    done = cli("probe", two.url, "--json", cwd=ROOT)
    told = json.loads(done.out)
    assert (done.code, told["exit_code"]) == (1, 1), "one speaks another version of the API"
    found = told["findings"]
    assert [one["prefix"] for one in found if one["check"] == "everest"] == ["", "new_", "x_"]
    bare = [one for one in found if one.get("prefix") == ""]
    lacking = {one["type"]: one["text"] for one in bare if one["check"] == "lacking"}
    assert set(lacking) == {*_LACKING, "auth_token_validator"}
    assert "no card can be presented" in lacking["auth_token_provider"]
    (monitored,) = (one for one in bare if one["check"] == "module")
    assert (monitored["verdict"], monitored["module_id"]) == ("warning", "auth_observer")
    assert "cfg_communication_check_to_s" in monitored["text"]
    other = [one["verdict"] for one in found if one["check"] == "module" and one["prefix"] == "new_"]
    assert set(other) == {"failed"}


def test_nobody_behind_a_prefix(two: MosquittoBroker) -> None:
    """Is said, with what may be meant."""
    done = cli("probe", two.url, "--prefix", "y_", "--quiet", cwd=ROOT)
    assert done.code == 1
    ((verdict, check, text),) = _looks(done)
    assert (verdict, check) == ("failed", "everest")
    assert "has another prefix" in text


@pytest.mark.parametrize(
    ("user", "password", "code", "text"),
    [
        ("qa", PASSWORD, 1, "let in as qa"),
        ("qa", f"{PASSWORD}-not", 3, "refuses this user with this password"),
        (None, None, 3, "lets nobody in without a user and a password"),
    ],
)
def test_a_login(user: str | None, password: str | None, code: int, text: str, tmp_path: Path) -> None:
    """The password comes from the environment, and stands nowhere; where nobody else is there is no EVerest."""
    options = () if user is None else ("--basic-auth-user", user)
    environment = {} if password is None else {"OCPPLAB_BASIC_AUTH_PASSWORD": password}
    with broker(with_passwords(tmp_path, qa=PASSWORD), place=tmp_path) as mosquitto:
        done = cli("probe", mosquitto.url, "--timeout", "2s", *options, cwd=ROOT, **environment)
        shown = cli("probe", f"mqtt://qa:{PASSWORD}@127.0.0.1:{mosquitto.port}", "--json", "--timeout", "1s", cwd=ROOT)
    assert done.code == code, done.out + done.err
    assert text in next(told for _, check, told in _looks(done) if check == "login")
    for one in (done, shown):
        assert PASSWORD not in one.out + one.err


def test_tls_and_its_chain(tmp_path: Path) -> None:
    """As at a CSMS."""
    make_certificates(tmp_path, Wanted(hosts=("127.0.0.1",), wrong=True), clock.wall_now())
    ca = ("--ca", str(tmp_path / "ca.pem"))
    for name, code, verdict in (("csms", 1, "ok"), ("wrong/csms-expired", 3, "unreachable")):
        with broker(with_tls(tmp_path, name), place=tmp_path) as mosquitto:
            done = cli("probe", mosquitto.url.replace("mqtt", "mqtts"), "--timeout", "1s", *ca, cwd=ROOT)
        assert done.code == code, done.out + done.err
        looks = {check: told for told, check, _ in _looks(done)}
        assert (looks["tls"], "chain" in looks) == (verdict, True)
        assert ("login" in looks) is (verdict == "ok")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("mqtt://127.0.0.1", "--insecure"), "--insecure: a broker has no use for that"),
        (("mqtt://127.0.0.1", "--ocpp", "1.6", "--identity", "x"), "--identity, --ocpp: a broker"),
        (("mqtt://127.0.0.1", "--ca", "x"), "`ca` has no meaning without TLS"),
        (("mqtt://127.0.0.1/topic",), "`broker` is mqtt://HOST"),
        (("mqtt://127.0.0.1", "--basic-auth-user", "qa"), "the user qa has no password"),
        (("ws://127.0.0.1/x", "--prefix", "x"), "--prefix is for EVerest's broker"),
        ((f"mqtt://qa:{PASSWORD}@[",), "`broker` is mqtt://HOST"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], problem: str) -> None:
    """Told as such, without the password."""
    done = cli("probe", *arguments, cwd=ROOT)
    assert done.code == 2
    assert problem in done.err
    assert PASSWORD not in done.err
