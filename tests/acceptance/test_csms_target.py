"""``run --csms``: our chargers against CSMS processes that somebody else has written, as users call it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.certificates import self_signed
from tests.acceptance.cli_kit import ROOT, Done, cli
from tests.acceptance.forking import Forked, forker
from tests.fixtures.peers import Peer, misbehaving_csms, reference_csms

#: Shipped scenarios that ask of the CSMS only cards of certain kinds, and take seconds on a real clock.
AGAINST_ANY_CSMS = (
    "any_message_by_proxy",
    "bad_entry_online_asks_the_csms",
    "both_at_once",
    "cache_accepts",
    "cache_disabled",
    "cache_entry_refused_asks_the_csms",
    "cache_reset_in_the_charger",
    "cached_card_starts_offline",
    "card_of_the_same_group_stops",
    "each_error_code",
    "ev_that_wants_nothing",
    "fault_and_repair",
    "faulted_evse_refuses_a_card",
    "group_from_the_cache",
    "group_from_the_local_list",
    "letter_case_does_not_matter",
    "list_beats_cache",
    "list_disabled",
    "listed_card_starts_without_asking",
    "token_over_its_length",
    "unplugged_at_the_ev",
)
CARDS = """\
CARD-OK: Accepted
CARD-OK-2: Accepted
CARD-OK-3: Accepted
CARD-OK-4: Accepted
CARD-OK-5: Accepted
CARD-OK-6: Accepted
CARD-OK-7: Accepted
CARD-OK-8: Accepted
CARD-BLOCKED: Blocked
CARD-EXPIRED: Expired
CARD-FLEET-1: {status: Accepted, parent_id_token: FLEET}
CARD-FLEET-2: {status: Accepted, parent_id_token: FLEET}
"""
HEAD = 'name: It\nocpp: ["1.6", "2.0.1"]\n'
SWIPE = f"""{HEAD}
within: 1500ms
given: {{csms: {{id_tokens: {{CARD-OK: Accepted}}}}, state: ev_connected}}
steps:
  - authorize_id_tag: CARD-OK
    expect: {{auth_status: {{is: Accepted, via: Authorize}}, transaction: started}}
"""
REFUSED = f"""{HEAD}
given: {{csms: {{id_tokens: {{CARD-OK: Accepted}}}}, state: ev_connected}}
steps:
  - authorize_id_tag: CARD-OK
    never: {{transaction: started}}
    for: 500ms
"""
SECRET = "kein-Wort-davon-4711"


@pytest.fixture(scope="module")
def reference() -> Iterator[Peer]:
    """One reference CSMS for this module."""
    with reference_csms() as peer:
        yield peer


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with the list of the CSMS's cards."""
    (tmp_path / "cards.yaml").write_text(CARDS)
    return tmp_path


def run(here: Path, url: str, text: str, *options: str, **environment: str) -> Done:
    """Run one scenario against the CSMS at that URL."""
    (here / "it.yaml").write_text(text)
    return cli("run", "it.yaml", "--csms", url, "--jsonl", "out.jsonl", *options, cwd=here, **environment)


def run_impatiently(here: Path, url: str, text: str, *options: str) -> Done:
    """As :func:`run`, with chargers that wait two seconds for answers, where some never come."""
    (here / "it.yaml").write_text(text)
    (here / "ocpplab.yaml").write_text(f"targets: {{it: {{kind: csms, url: '{url}', call_timeout: 2s}}}}\n")
    return cli("run", "it.yaml", "--target", "it", "--jsonl", "out.jsonl", *options, cwd=here)


def records(here: Path) -> list[dict[str, Any]]:
    """What the last run has recorded."""
    return [json.loads(line) for line in (here / "out.jsonl").read_text("utf-8").splitlines()]


def ends(here: Path) -> list[dict[str, Any]]:
    """The end record of each case of the last run."""
    return [record for record in records(here) if record["type"] == "case" and record["phase"] == "end"]


def verdicts(here: Path) -> set[str]:
    """The verdicts of the last run."""
    return {end["verdict"] for end in ends(here)}


def violations(here: Path) -> set[tuple[str, str]]:
    """The violations of the last run: who, and which."""
    return {(one["by"], one["code"]) for end in ends(here) for one in end.get("violations", [])}


def shipped(*stems: str) -> list[str]:
    """The shipped scenarios of those names, wherever in the directory they are kept."""
    found = {path.stem: str(path) for path in (ROOT / "scenarios").rglob("*.yaml")}
    return [found[stem] for stem in stems]


# -- a CSMS that behaves ------------------------------------------------------------------------------------------


def test_shipped_scenarios_pass(reference: Peer, here: Path) -> None:
    """More than fifteen files, both versions that it speaks; the CSMS sees only its own cards and identities."""
    pool = [f"POOL-{number}" for number in range(1, 9)]
    files: set[str | None] = set()
    for version in ("1.6", "2.0.1"):
        done = cli(
            "run",
            *shipped(*AGAINST_ANY_CSMS),
            *(
                "--csms",
                reference.url,
                "--cards",
                "cards.yaml",
                "-j",
                "8",
                "--jsonl",
                "out.jsonl",
                "--junit",
                "out.xml",
            ),
            *(word for identity in pool for word in ("--identity", identity)),
            *("--ocpp", version),
            cwd=here,
        )
        assert done.code == 0, done.out + done.err
        assert verdicts(here) == {"passed"}
        assert violations(here) == set()
        assert not any("warnings" in end for end in ends(here))
        passed = ET.parse(here / "out.xml").getroot().findall(".//testcase")
        files |= {case.get("classname") for case in passed}
        assert {re.findall(r"ocpp[\d.]+", str(case.get("name")))[0] for case in passed} == {f"ocpp{version}"}
    assert len(files) == len(AGAINST_ANY_CSMS) >= 15
    seen = reference.seen()
    assert set(seen["identities"]) == set(pool)
    assert not [card for card in seen["cards"] if card not in CARDS and card != "A-TAG-OF-21-CHARS-XXX"]
    assert [tx for tx in seen["transactions"].values() if tx["open"]] == []


def test_reports_speak_of_the_scenarios_cards(reference: Peer, here: Path) -> None:
    """Only a note in the trace says which real card stood for which, and the groups are exchanged likewise."""
    text = SWIPE.replace("CARD-OK: Accepted", "MINE: {status: Accepted, parent_id_token: OURS}").replace(
        "CARD-OK", "MINE"
    )
    text = text.replace("via: Authorize}", "via: Authorize, parent_id_token: OURS}")
    done = run(here, reference.url, text, "--cards", "cards.yaml", "--identity", "POOL-9", "--ocpp", "2.0.1")
    assert done.code == 0, done.out
    told = [record["event"] for record in records(here) if record["type"] == "event"]
    assert "CARD-FLEET" not in json.dumps([event for event in told if event["kind"] != "note"])
    assert [event["name"] for event in told if " at the CSMS" in event["name"]] == [
        "charger charger is POOL-9 at the CSMS",
        "MINE is CARD-FLEET-1 at the CSMS",
        "the group OURS is FLEET at the CSMS",
    ]


def test_cards_mapped_by_hand(reference: Peer, here: Path) -> None:
    """On the command line, in a file, or both; without a list of cards they are trusted."""
    old = ("--ocpp", "1.6")
    (here / "tokens.yaml").write_text("MINE: CARD-OK\n")
    done = run(here, reference.url, SWIPE.replace("CARD-OK", "MINE"), "--token-map", "tokens.yaml", *old)
    assert done.code == 0, done.out
    done = run(here, reference.url, SWIPE.replace("CARD-OK", "MINE"), "--token-map", "MINE=CARD-BLOCKED", *old)
    assert done.code == 1
    assert ends(here)[0]["warnings"] == [
        "the CSMS says that MINE is Blocked, and given.csms says Accepted; "
        "list the CSMS's real cards with --cards or in ocpplab.yaml"
    ]
    done = run(
        here,
        reference.url,
        SWIPE.replace("CARD-OK", "MINE"),
        "--token-map",
        "MINE=CARD-BLOCKED",
        "--cards",
        "cards.yaml",
    )
    assert done.code == 5
    assert ends(here)[0]["reason"] == (
        "MINE must be Accepted at the CSMS, and the token map gives it CARD-BLOCKED, which is Blocked"
    )


#: Given, step, and why that cannot be had of a CSMS that is not ours.
BLOCKED = (
    (
        "csms: {id_tokens: {A: ConcurrentTx}}",
        "log: x",
        "A must be ConcurrentTx at the CSMS, and the cards listed for it",
    ),
    ("csms: {boot: {status: Pending}}", "log: x", "given.csms.boot cannot be arranged: the CSMS is not ours"),
    ("csms: {replies: [{to: Heartbeat, silence: true}]}", "log: x", "given.csms.replies cannot be arranged"),
    ("csms: {heartbeat_interval: 10s}", "log: x", "given.csms.heartbeat_interval cannot be arranged"),
    ("state: unavailable", "log: x", "the target cannot bring a charger into the state 'unavailable': the CSMS is not"),
    ("state: booted", "remote_start: A", "the target cannot remote_start: the CSMS is not ours; only it can do that"),
    (
        "state: booted",
        "csms_call: ClearCache",
        "the target cannot csms_call: the CSMS is not ours; only it can do that",
    ),
    ("state: booted", "csms_reply: {to: Authorize, silence: true}", "the target cannot csms_reply: the CSMS is not"),
    ("state: booted", "update_id_tokens: {A: Blocked}", "the target cannot update_id_tokens: the CSMS is not ours"),
    ("state: booted", "wait: 1h", "it takes at least 3600 s of real time, and --max-real allows 120 s"),
    ("chargers: {A: {}, B: {}}", "log: x", "it needs 2 charger identities, and the target has 1 to lend"),
)


def test_what_cannot_be_had_is_blocked(reference: Peer, here: Path) -> None:
    """With the reason, before anything is connected; a run of nothing else has exit code 5."""
    before = len(reference.seen()["identities"])
    for number, (given, step, _) in enumerate(BLOCKED):
        (here / f"{number:02}.yaml").write_text(f"{HEAD}given: {{{given}}}\nsteps:\n  - {step}\n")
    arguments = ("--cards", "cards.yaml", "--identity", "CP-1", "--ocpp", "1.6", "--jsonl", "out.jsonl")
    files = [path.name for path in sorted(here.glob("[0-9]*.yaml"))]
    done = cli("run", *files, "--csms", reference.url, *arguments, cwd=here)
    assert (done.code, verdicts(here)) == (5, {"blocked"}), done.out
    for end, (_, _, reason) in zip(ends(here), BLOCKED, strict=True):
        assert end["reason"].startswith(reason)
    assert len(reference.seen()["identities"]) == before


def test_identities_are_lent_to_one_case_at_a_time(reference: Peer, here: Path) -> None:
    """A case with two chargers gets two of the pool, also while others want them."""
    (here / "two.yaml").write_text(
        f"{HEAD}given: {{chargers: {{A: {{}}, B: {{}}}}}}\n"
        "steps:\n"
        "  - plug_connector: 1\n    charger: A\n    expect: {connector_status: Preparing}\n"
        "  - plug_connector: 1\n    charger: B\n    expect: {connector_status: Preparing}\n"
    )
    done = run(here, reference.url, SWIPE, "two.yaml", "--cards", "cards.yaml", "-j", "3", "--repeat", "2", *pool_of(3))
    assert (done.code, verdicts(here)) == (0, {"passed"}), done.out
    seen = reference.seen()
    assert seen["twice"] == []
    assert {"LENT-0", "LENT-1", "LENT-2"} <= set(seen["identities"])


def pool_of(count: int) -> list[str]:
    """Options that give a pool of so many identities."""
    return [word for number in range(count) for word in ("--identity", f"LENT-{number}")]


def test_no_transaction_stays_open(here: Path) -> None:
    """Whatever a scenario leaves behind, the CSMS is told the end, without a complaint."""
    lasts = ("log: still charging", "network: down", 'power: "off"', "fail: on purpose")
    for number, last in enumerate(lasts):
        (here / f"{number}.yaml").write_text(f"{SWIPE}  - {last}\n")
    files = [f"{number}.yaml" for number in range(len(lasts))]
    with reference_csms() as peer:
        options = ("--jsonl", "out.jsonl", "--cards", "cards.yaml", "-j", "4", *pool_of(4))
        done = cli("run", *files, "--csms", peer.url, *options, cwd=here)
        transactions = peer.seen()["transactions"].values()
    assert done.code == 1, done.out
    assert [end["verdict"] for end in ends(here)] == ["passed"] * 6 + ["failed"] * 2
    assert [tx["open"] for tx in transactions] == [False] * 8
    assert not any("warnings" in end for end in ends(here))


@contextmanager
def charging_run(here: Path, *options: str) -> Iterator[Forked]:
    """A run of one case, which charges and then waits; its reports are ``out.jsonl`` and ``out.xml``."""
    (here / "it.yaml").write_text(f"{SWIPE}  - log: charging\n  - wait: 60s\n")
    reports = ("--ocpp", "1.6", "-v", "--jsonl", "out.jsonl", "--junit", "out.xml")
    process = forker().start(
        ("-m", "ocpplab_runner", "run", "it.yaml", *reports, *options),
        cwd=here,
        stdout=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "log" in line and "charging" in line:
                break
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_an_interrupted_run_leaves_no_transaction_open(here: Path) -> None:
    """Ctrl-C ends the case in good order."""
    with reference_csms() as peer:
        with charging_run(here, "--csms", peer.url) as process:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        assert [tx["open"] for tx in peer.seen()["transactions"].values()] == [False]


def assert_interrupted(here: Path) -> None:
    """The reports are whole, and the end of the case names what is left at the CSMS."""
    assert records(here)[-1]["exit_code"] == 130
    ((verdict, reason),) = ((end["verdict"], end["reason"]) for end in ends(here))
    assert verdict == "error"
    assert re.fullmatch(r"did not finish: interrupted; step [\d.]+ \(.*:\d+\) was running", reason)
    assert any("could not be delivered" in text for text in ends(here)[0]["warnings"])
    assert len(ET.parse(here / "out.xml").getroot().findall(".//testcase")) == 1


def test_a_signal_ends_a_run_within_a_call(here: Path) -> None:
    """A CSMS that never answers a StopTransaction delays the end by the time of a call, not for ever."""
    with misbehaving_csms("wrong-id", on="StopTransaction") as peer:
        (here / "ocpplab.yaml").write_text(f"targets: {{it: {{kind: csms, url: '{peer.url}', call_timeout: 3s}}}}\n")
        with charging_run(here, "--target", "it") as process:
            process.send_signal(signal.SIGINT)
            assert process.wait(3 + 4) == 130
    assert_interrupted(here)


def test_a_second_signal_ends_at_once_and_names_what_is_left(here: Path) -> None:
    """Winding up waits for a CSMS that says nothing; who does not want to wait is told what stays open."""
    with misbehaving_csms("wrong-id", on="StopTransaction") as peer, charging_run(here, "--csms", peer.url) as process:
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        process.send_signal(signal.SIGINT)
        assert process.wait(4) == 130
    assert_interrupted(here)


# -- a CSMS that does not -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "verdict", "violation"),
    [
        ("late", "passed", None),
        ("duplicate", "passed", "duplicate-answer"),
        ("wrong-id", "failed", "unknown-message-id"),
        ("invalid-payload", "failed", "schema"),
        ("garbage", "failed", "malformed-frame"),
        ("close", "failed", None),
    ],
)
def test_a_misbehaving_csms(here: Path, fault: str, verdict: str, violation: str | None) -> None:
    """The verdict follows from the expectations; what the CSMS did wrong is recorded as the CSMS's, in any report."""
    with misbehaving_csms(fault, on="Authorize", delay=0.3) as peer:
        done = run_impatiently(
            here, peer.url, SWIPE, "--cards", "cards.yaml", "-j", "2", *pool_of(2), "--junit", "out.xml"
        )
    assert (done.code, verdicts(here)) == ({"passed": 0, "failed": 1}[verdict], {verdict}), done.out
    assert violations(here) == ({("csms", violation)} if violation else set())
    if violation is not None:
        assert violation in done.out
        assert violation in (here / "out.xml").read_text("utf-8")


@pytest.mark.parametrize("action", ["BootNotification", "Authorize"])
def test_a_csms_that_says_why_it_goes(here: Path, action: str) -> None:
    """Its Close frame's code and words stand in the failure of every report and in the trace; no secret in them."""
    with misbehaving_csms("goodbye", on=action) as peer:
        options = ("--cards", "cards.yaml", "--ocpp", "1.6", "--timeout", "3s", "--junit", "out.xml")
        done = run_impatiently(here, peer.url, SWIPE, *options)
    assert done.code == 1
    told = "the CSMS closed the connection: 1008 (policy violation) unknown charger, password="
    assert told in ends(here)[0]["reason"]
    assert told in done.out
    assert told in (here / "out.xml").read_text("utf-8")
    closed = [one["event"]["fields"] for one in records(here) if one["type"] == "event"]
    assert {"is": "closed", "by": "csms", "code": 1008, "reason": "unknown charger, password=[redacted]"} in closed
    for text in (done.out, done.err, (here / "out.xml").read_text("utf-8"), (here / "out.jsonl").read_text("utf-8")):
        assert "Zq4711" not in text


@pytest.mark.parametrize("fault", ["duplicate", "invalid-payload"])
def test_strict_fails_what_has_passed(here: Path, fault: str) -> None:
    """A CSMS's breach fails no scenario that does not ask about it, but with ``--strict``."""
    text = SWIPE if fault == "duplicate" else REFUSED
    with misbehaving_csms(fault, on="Authorize") as peer:
        assert run_impatiently(here, peer.url, text, "--ocpp", "1.6").code == 0
        assert {by for by, _ in violations(here)} == {"csms"}
        assert run_impatiently(here, peer.url, text, "--ocpp", "1.6", "--strict").code == 1
    assert "protocol violation" in ends(here)[0]["reason"]


def test_a_transaction_that_the_csms_never_confirms(here: Path) -> None:
    """The run ends all the same, and says that the CSMS may still have it."""
    text = REFUSED.replace("transaction: started", "boot: Accepted")
    with misbehaving_csms("wrong-id", on="StartTransaction") as peer:
        run_impatiently(here, peer.url, text, "--ocpp", "1.6")
    assert verdicts(here) == {"passed"}
    assert ends(here)[0]["warnings"] == [
        "2 transaction messages could not be delivered to the CSMS",
        "the CSMS has never answered StartTransaction of charger, so that the transaction may be lost, "
        "step 1 (it.yaml:6)",
    ]


def test_nobody_there(here: Path) -> None:
    """Exit code 3, also when the charger is still off at the start."""
    (here / "off.yaml").write_text(
        f'{HEAD}given: {{state: disconnected}}\nsteps: [{{power: "on", expect: {{boot: Accepted}}}}]\n'
    )
    done = run(here, "ws://127.0.0.1:9", SWIPE, "off.yaml")
    assert (done.code, verdicts(here)) == (3, {"error"})
    assert "cannot reach ws://127.0.0.1:9" in done.out


def test_a_csms_without_a_common_version(here: Path) -> None:
    """Exit code 3: there is no OCPP to be had."""
    with misbehaving_csms("no-subprotocol") as peer:
        done = run_impatiently(here, peer.url, SWIPE)
    assert (done.code, verdicts(here)) == (3, {"error"})
    assert "the CSMS speaks none of ocpp1.6" in done.out


# -- credentials and TLS ------------------------------------------------------------------------------------------


def nowhere(here: Path, done: Done) -> bool:
    """Whether the secret is in nothing that the run has written."""
    texts = [done.out, done.err, *(path.read_text("utf-8") for path in here.glob("out.*"))]
    return not any(SECRET in text for text in texts)


def test_basic_auth(here: Path) -> None:
    """The password comes from the environment, or from the URL, and is shown nowhere, whatever the scenario does."""
    telling = SWIPE.replace("steps:", "steps:\n  - log: the password is ${{ env.OCPPLAB_BASIC_AUTH_PASSWORD }}")
    reports = ("--junit", "out.xml", "-vv", "--ocpp", "1.6")
    with reference_csms(password=SECRET) as peer:
        done = run(here, peer.url, telling, *reports, OCPPLAB_BASIC_AUTH_PASSWORD=SECRET)
        assert done.code == 0, done.out
        assert "the password is [redacted]" in done.out
        assert nowhere(here, done)
        done = run(here, peer.url.replace("ws://", f"ws://CP-1:{SECRET}@"), SWIPE, *reports)
        assert done.code == 0, done.out
        assert nowhere(here, done)
        for wrong in ({}, {"OCPPLAB_BASIC_AUTH_PASSWORD": f"not-{SECRET}"}):
            done = run(here, peer.url, SWIPE, *reports, **wrong)
            assert done.code == 3
            assert "HTTP 401: the CSMS refuses the credentials" in done.out
            assert nowhere(here, done)
    done = run(here, f"http://me:{SECRET}@example.org", SWIPE)
    assert done.code == 2
    assert nowhere(here, done)


def test_a_target_of_the_configuration(here: Path) -> None:
    """Everything about a CSMS stands in ``ocpplab.yaml``, but for its secrets."""
    (here / "it.yaml").write_text(SWIPE.replace("CARD-OK", "MINE"))
    with reference_csms(password=SECRET) as peer:
        (here / "ocpplab.yaml").write_text(
            "targets:\n  staging:\n    kind: csms\n"
            f"    url: {peer.url}\n"
            "    basic_auth: {user: someone, password: '${{ env.STAGING_PASSWORD }}'}\n"
            "    identities: [CP-001]\n"
            "    versions: [1.6]\n"
            "    within: 5s\n"
            "    cards: {CARD-OK: Accepted}\n"
        )
        arguments = ("run", "it.yaml", "--target", "staging", "--jsonl", "out.jsonl", "--junit", "out.xml", "-vv")
        done = cli(*arguments, cwd=here, STAGING_PASSWORD=SECRET)
        assert done.code == 0, done.out + done.err
        assert nowhere(here, done)
        assert peer.seen()["identities"] == ["CP-001"]
    assert sorted(end["verdict"] for end in ends(here)) == ["blocked", "passed"]
    assert ends(here)[1]["reason"] == "the target does not speak OCPP 2.0.1"
    done = cli(*arguments, cwd=here)
    assert done.code == 2
    assert "the environment variable STAGING_PASSWORD is not set" in done.err
    (here / "ocpplab.yaml").write_text(f"targets: {{staging: {{kind: csms, url: 'ws://x', basic_auth: {SECRET}}}}}")
    done = cli(*arguments, cwd=here)
    assert done.code == 2
    assert nowhere(here, done)


def test_tls(here: Path) -> None:
    """wss:// with a certificate authority that only ``--ca`` makes known."""
    both, public = self_signed(here)
    with reference_csms(certificate=both) as peer:
        done = run(here, peer.url, SWIPE, "--ca", str(public))
        assert done.code == 0, done.out
        done = run(here, peer.url, SWIPE)
        assert done.code == 3
        assert "the CSMS's certificate is signed by itself, and not trusted" in done.out


def test_certificates_of_chargers(here: Path) -> None:
    """Profile 3 as a user sets it up: `certs`, its snippet, a CSMS that asks for what it has made."""
    made = cli("certs", "--wrong", "--host", "127.0.0.1", "--identity", "CP-1", "--identity", "CP-2", cwd=here)
    assert made.code == 0, made.err
    certs, snippet = here / "certs", made.out.partition("\n\n")[2].partition("\n\n")[2]
    both = certs / "both.pem"
    both.write_text((certs / "csms.pem").read_text() + (certs / "csms.key").read_text())
    (here / "it.yaml").write_text(SWIPE)
    with reference_csms(certificate=both, client_ca=certs / "ca.pem") as peer:
        (here / "ocpplab.yaml").write_text(snippet.replace("wss://127.0.0.1:8443/ocpp", peer.url))
        for identity in ("CP-1", "CP-2"):
            done = cli("run", "it.yaml", "--target", "mine", "--cards", "cards.yaml", "--identity", identity, cwd=here)
            assert done.code == 0, done.out
        assert set(peer.seen()["identities"]) == {"CP-1", "CP-2"}
        trusting = ("--ca", "certs/ca.pem")
        done = run(here, peer.url, SWIPE, *trusting)
        assert done.code == 3
        assert "it may ask for another certificate, or for one" in done.out
        wrong = ("--cert", "certs/wrong/station-CP-1-other.pem", "--key", "certs/wrong/station-CP-1-other.key")
        assert run(here, peer.url, SWIPE, *trusting, *wrong).code == 3
        own = ("--cert", "certs/station-{identity}.pem", "--key", "certs/station-{identity}.key")
        done = run(here, peer.url, SWIPE, *trusting, *own)
        assert done.code == 0, done.out
        done = run(
            here, peer.url, f"{SWIPE}\n".replace("given: {", "given: {charger: {identity: CP-9}, "), *trusting, *own
        )
        assert done.code == 5
        assert "CP-9 cannot show a certificate: certs/station-CP-9.pem: No such file or directory" in done.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--cert", "none.pem"), "none.pem: No such file or directory"),
        (("--key", "none.pem"), "a `key` needs its certificate, `cert`"),
    ],
)
def test_certificates_that_cannot_be_used_end_the_run_before_it_begins(
    here: Path, options: tuple[str, ...], told: str
) -> None:
    """As wrong usage, by name."""
    done = run(here, "wss://127.0.0.1:9/ocpp", SWIPE, *options)
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize("state", ["ev_connected", "disconnected"])
def test_chargers_dial_through_the_proxy_that_is_named(here: Path, reference: Peer, state: str) -> None:
    """Nobody is reached where it is not there, although the CSMS is; headers alone change nothing."""
    (here / "it.yaml").write_text(SWIPE)
    options = f"kind: csms, url: '{reference.url}', cards: {{CARD-OK: Accepted}}, headers: {{X-Tenant: 7}}"
    (here / "ocpplab.yaml").write_text(
        f"targets: {{near: {{{options}}}, far: {{{options}, proxy: 'http://u:${{{{ env.PW }}}}@127.0.0.1:9'}}}}\n"
    )
    done = cli("run", "it.yaml", "--target", "near", cwd=here)
    assert done.code == 0, done.out
    (here / "it.yaml").write_text(SWIPE.replace("ev_connected", state))
    done = cli("run", "it.yaml", "--target", "far", cwd=here, PW=SECRET)
    assert done.code == 3
    assert "cannot reach the proxy http://127.0.0.1:9" in done.out or "cannot reach http://127.0.0.1:9" in done.out
    assert nowhere(here, done)


def test_a_certificate_without_tls_is_refused(here: Path) -> None:
    """It would be an option that does nothing."""
    done = run(here, "ws://127.0.0.1:9/ocpp", SWIPE, "--cert", "cards.yaml")
    assert done.code == 2
    assert "needs a wss:// URL" in done.err


# -- what the documentation says ----------------------------------------------------------------------------------


def test_the_documented_commands_run(here: Path) -> None:
    """Every command and file of docs/targets.md, with the fixture's URL and cards in place of the made-up ones."""
    page = (ROOT / "docs" / "targets.md").read_text("utf-8")
    both, public = self_signed(here)
    (here / "scenarios").mkdir()
    (here / "scenarios" / "it.yaml").write_text(SWIPE.replace("CARD-OK", "CARD-1"))
    with reference_csms(password=SECRET, certificate=both) as peer:
        made_up = {
            "wss://csms.example.org/ocpp": peer.url,
            "04A2B3C4": "CARD-OK",
            "04A2B3C5": "CARD-OK-2",
            "=…": f"={SECRET}",
        }
        for name, real in made_up.items():
            page = page.replace(name, real)
        public.rename(here / "ca.pem")
        ran = 0
        for section in re.split(r"^## ", page, flags=re.MULTILINE):
            for name, text in re.findall(r"(?ms)^```yaml\n# (\w+\.yaml)[^\n]*\n(.*?)^```$", section):
                (here / name).write_text(text)
            for variables, arguments in re.findall(r"^((?:\w+=\S+ )?)ocpplab-runner (.*)$", section, re.MULTILINE):
                environment = dict([variables.strip().split("=")] if variables else [])
                if "--csms" in arguments:
                    environment["OCPPLAB_BASIC_AUTH_PASSWORD"] = SECRET
                    arguments += "" if "--ca " in arguments else " --ca ca.pem"
                # No charger of anybody else's is here: those commands run in tests/acceptance/test_station.py.
                last = ["--dry-run"] if section.startswith("station:") else []
                done = cli(*arguments.split(), *last, "--ocpp", "1.6", cwd=here, **environment)
                assert done.code == 0, (arguments, done.out, done.err)
                ran += 1
        assert ran >= 8
