"""The target csms against CSMS processes that are not ours, on the real clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.planning.options import ExitCode, SuiteOptions
from ocpplab_runner.targets.csms import CsmsTarget, CsmsTargetOptions
from tests.engine.suite_kit import Outcome, failure, plan_texts, run_texts
from tests.fixtures.peers import Peer, misbehaving_csms, reference_csms
from tests.thoroughness import crossed, sample

START = """
given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}
steps:
  - authorize_id_tag: CARD-1
    expect: {auth_status: Accepted, transaction: started}
"""


@pytest.fixture(scope="module")
def reference() -> Iterator[Peer]:
    """One reference CSMS for this module."""
    with reference_csms() as peer:
        yield peer


def target(peer: Peer | str, **options: Any) -> CsmsTarget:
    """A target that reaches that CSMS."""
    url = peer if isinstance(peer, str) else peer.url
    usual = {"within": "3s", "call_timeout": "4s", "settle": "50ms"}
    return CsmsTarget("csms", CsmsTargetOptions.from_mapping({"url": url, **usual, **options}))


def run(tmp_path: Path, peer: Peer | str, text: str, *, target_options: dict[str, Any] | None = None) -> Outcome:
    """Run one scenario there."""
    return run_texts(tmp_path, text, target=target(peer, **(target_options or {"tokens": {"CARD-1": "CARD-OK"}})))


def test_cards_are_exchanged_both_ways(tmp_path: Path, reference: Peer) -> None:
    """The CSMS sees its own card, the scenario only its own."""
    outcome = run(tmp_path, reference, START)
    assert outcome.verdicts() == ["passed"]
    assert {fact["id_tag"] for fact in outcome.facts("auth_status")} == {"CARD-1"}


def test_what_still_charges_is_ended(tmp_path: Path, reference: Peer) -> None:
    """No transaction stays open at a CSMS that somebody else runs."""
    outcome = run(tmp_path, reference, START)
    assert [fact["is"] for fact in outcome.facts("transaction")] == ["started", "ended"]
    assert "warnings" not in outcome.end()


@pytest.fixture(scope="module")
def slow() -> Iterator[Peer]:
    """A CSMS that answers later than a charger that is silent could be taken to be done."""
    with reference_csms(delay=0.2) as peer:
        yield peer


_REACHED = [
    ("booted", "connector_status"),
    ("{charging: {id_tag: CARD-1}}", "transaction"),
    ("{charging: {id_tag: CARD-1}}", "connector_status"),
]


@pytest.mark.parametrize(("version", "reached"), crossed(2, ["1.6", "2.0.1"], _REACHED))
def test_a_state_is_reached_when_all_is_answered(
    tmp_path: Path, slow: Peer, reached: tuple[str, str], version: str
) -> None:
    """Whatever the CSMS takes its time for, what leads to the state does not fall into the first step."""
    state, fact = reached
    text = f"""
    ocpp: ["{version}"]
    given: {{csms: {{id_tokens: {{CARD-1: Accepted}}}}, state: {state}}}
    steps:
      - never: {{{fact}: {{}}}}
        for: 450ms
    """
    assert run(tmp_path, slow, text).verdicts() == ["passed"]


def test_what_a_step_sets_off_is_answered_before_the_next(tmp_path: Path, slow: Peer) -> None:
    """A late fact belongs to the step that has set it off, not to the window of the next."""
    text = """
    given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}
    steps:
      - authorize_id_tag: CARD-1
      - ev_stops_energy: {}
        never: {transaction: started}
        for: 450ms
    """
    outcome = run(tmp_path, slow, text)
    assert outcome.verdicts() == ["passed"]
    assert not [one for one in slow.seen()["transactions"].values() if one["open"]]


@pytest.mark.parametrize("tag", ["policy", "auth"])
def test_a_failed_policy_says_that_it_is_one(tmp_path: Path, reference: Peer, tag: str) -> None:
    """A CSMS that does otherwise may be right."""
    text = f"tags: [{tag}]\nsteps: [{{plug_connector: 1, expect: {{connector_status: Charging}}, within: 100ms}}]"
    outcome = run(tmp_path, reference, text)
    assert outcome.verdicts() == ["failed"]
    assert any("(tag `policy`)" in text for text in outcome.end().get("warnings", [])) is (tag == "policy")


def test_no_id_of_a_transaction_comes_again(tmp_path: Path, reference: Peer) -> None:
    """In OCPP 2.x the charger gives them: two runs with one seed are two to a CSMS that lives through both."""
    text = START.replace("given:", 'ocpp: ["2.0.1"]\ngiven:', 1)
    outcomes = [run(tmp_path, reference, text) for _ in range(2)]
    ids = {fact["transaction_id"] for outcome in outcomes for fact in outcome.facts("transaction")}
    assert [outcome.verdicts() for outcome in outcomes] == [["passed"]] * 2
    assert len(ids) == 2


def test_identities_take_turns(tmp_path: Path) -> None:
    """The one that has been idle for longest is next."""
    with reference_csms() as peer:
        text = "steps: [{wait: 1ms}]"
        run_texts(tmp_path, text, text, text, target=target(peer, identities=["A", "B"]))
        assert peer.seen()["identities"] == ["A", "B", "A"]


def test_errors_that_nobody_expects(tmp_path: Path) -> None:
    """A CSMS that refuses what the charger must send: a warning, and a failure with --strict."""
    with misbehaving_csms("error", on="StatusNotification") as peer:
        outcome = run_texts(tmp_path, "steps: [{still: {boot: Accepted}}]", target=target(peer))
        (warning,) = outcome.end()["warnings"]
        assert "answered StatusNotification of charger with CALLERROR InternalError: no database" in warning
        strictly = run_texts(tmp_path, "steps: [{still: {boot: Accepted}}]", target=target(peer), strict=True)
    assert outcome.verdicts() == ["passed"]
    assert (strictly.verdicts(), strictly.code) == (["failed"], 1)
    assert warning in str(strictly.end()["reason"])


def test_errors_while_winding_up(tmp_path: Path) -> None:
    """What ends a transaction after the last step must be taken as everything else, and at once."""
    text = START.replace("given: {", "given: {charger: {configuration: {TransactionMessageRetryInterval: '1'}}, ")
    with misbehaving_csms("error", on="StopTransaction", times=1) as peer:
        outcome = run_texts(tmp_path, text, target=target(peer, tokens={"CARD-1": "CARD-OK"}), strict=True)
    assert outcome.verdicts() == ["failed"]
    assert "answered StopTransaction of charger with CALLERROR InternalError" in outcome.end()["reason"]
    assert "could not be delivered" not in str(outcome.end())


def test_a_transaction_that_is_none(tmp_path: Path, reference: Peer) -> None:
    """A CSMS that takes the end of what has never begun does not make it a transaction."""
    text = """
    ocpp: ["1.6"]
    steps:
      - proxy_message:
          action: StopTransaction
          payload: {transactionId: 4711, meterStop: 0, timestamp: "2100-01-01T00:00:00Z"}
        expect: {response: {}}
    """
    outcome = run_texts(tmp_path, text, target=target(reference), strict=True)
    assert outcome.verdicts() == ["failed"]
    assert "unknown-transaction-id (must) by the charger" in outcome.end()["reason"]
    assert outcome.facts("transaction") == []


def test_silence_that_nobody_expects(tmp_path: Path) -> None:
    """A CSMS that never answers what the charger must send, though no step looks at it."""
    with misbehaving_csms("late", on="StatusNotification", delay=60) as peer:
        chosen = target(peer, call_timeout="500ms")
        text = "given: {state: disconnected}\nsteps: [{power: on, expect: {boot: Accepted}}, {wait: 800ms}]"
        outcome = run_texts(tmp_path, text, target=chosen, strict=True)
    assert outcome.verdicts() == ["failed"]
    assert "the CSMS did not answer StatusNotification of charger within 0.5 s" in outcome.end()["reason"]


def test_many_cases_in_a_row_under_one_identity(tmp_path: Path) -> None:
    """A connection that has just closed, and a transaction that has just ended, are in nobody's way."""
    texts = sample([START] * 20, 0, 4)
    with reference_csms(delay=0.02) as peer:
        chosen = target(peer, identities=["A"], tokens={"CARD-1": "CARD-OK"}, settle="20ms")
        outcome = run_texts(tmp_path, *texts, target=chosen)
        seen = peer.seen()
    assert outcome.verdicts() == ["passed"] * len(texts)
    assert not any("warnings" in end for end in outcome.ends())
    assert seen["identities"] == ["A"] * len(texts)
    assert seen["twice"] == []
    assert [one["open"] for one in seen["transactions"].values()] == [False] * len(texts)


def test_one_transaction_id_for_two_transactions(tmp_path: Path) -> None:
    """A CSMS that gives an id that is taken has not started a second transaction."""
    text = """
    ocpp: ["1.6"]
    within: 500ms
    given:
      charger: {evses: 2}
      csms: {id_tokens: {CARD-1: Accepted, CARD-2: Accepted}}
    steps:
      - start_session: {id_tag: CARD-1, evse_id: 1}
        expect: {transaction: {is: started, evse_id: 1}}
      - start_session: {id_tag: CARD-2, evse_id: 2}
        expect: {transaction: {is: started, evse_id: 2}}
    """
    with reference_csms(same_id=True) as peer:
        outcome = run(tmp_path, peer, text)
    assert outcome.verdicts() == ["failed"]
    assert [fact["evse_id"] for fact in outcome.facts("transaction") if fact["is"] == "started"] == [1]


def test_what_is_left_open_is_lent_to_nobody(tmp_path: Path) -> None:
    """A CSMS that is gone when a transaction should end: neither its identity nor its card is used again."""
    with misbehaving_csms("close", on="StopTransaction") as peer:
        chosen = target(peer, identities=["A"], call_timeout="400ms", tokens={"CARD-1": "CARD-OK"})
        outcome = run_texts(tmp_path, START, START, target=chosen)
    assert outcome.verdicts() == ["passed", "blocked"]
    assert "has left something open at the CSMS" in outcome.ends()[1]["reason"]
    assert "could not be delivered" in outcome.ends()[0]["warnings"][0]


def test_what_is_not_delivered_fails_strictly(tmp_path: Path) -> None:
    """Else the CSMS would have a transaction for ever that nobody hears of."""
    with misbehaving_csms("close", on="StopTransaction") as peer:
        chosen = target(peer, identities=["A"], call_timeout="400ms", tokens={"CARD-1": "CARD-OK"})
        outcome = run_texts(tmp_path, START, target=chosen, strict=True)
    assert outcome.verdicts() == ["failed"]
    assert "could not be delivered" in outcome.end()["reason"]


def test_what_ended_offline_is_delivered(tmp_path: Path, reference: Peer) -> None:
    """A transaction that ends with the network down is delivered when the network is put back."""
    outcome = run(tmp_path, reference, START + "  - network: down\n")
    assert outcome.verdicts() == ["passed"]
    assert [fact["is"] for fact in outcome.facts("transaction")] == ["started", "ended"]


@pytest.mark.parametrize(
    ("fault", "verdict", "violation"),
    [
        ("late", "failed", None),
        ("duplicate", "passed", "duplicate-answer"),
        ("wrong-id", "failed", "unknown-message-id"),
        ("invalid-payload", "failed", "schema"),
        ("close", "failed", None),
        ("garbage", "failed", "malformed-frame"),
    ],
)
def test_misbehaving_csms(tmp_path: Path, fault: str, verdict: str, violation: str | None) -> None:
    """Each kind of misbehaviour gets the right verdict, and is on record as the CSMS's violation."""
    text = START.replace("transaction: started}", "transaction: started}\n    within: 500ms")
    with misbehaving_csms(fault, on="Authorize", delay=5) as peer:
        outcome = run(tmp_path, peer, text, target_options={"tokens": {"CARD-1": "CARD-OK"}, "call_timeout": "1s"})
    assert outcome.verdicts() == [verdict], failure(outcome)
    violations = [(one["code"], one["by"]) for one in outcome.end().get("violations", [])]
    assert violations == ([(violation, "csms")] if violation else [])


def test_nobody_there_is_infrastructure(tmp_path: Path) -> None:
    """Exit code 3: nothing could be reached."""
    outcome = run(tmp_path, "ws://127.0.0.1:9", START)
    assert (outcome.code, outcome.verdicts()) == (ExitCode.INFRASTRUCTURE, ["error"])
    assert failure(outcome).startswith("CP-1 cannot connect to the CSMS")


def test_no_common_version_is_infrastructure(tmp_path: Path) -> None:
    """A CSMS that opens no OCPP connection has not been reached, although it listens."""
    with misbehaving_csms("no-subprotocol") as peer:
        outcome = run(tmp_path, peer, START)
    assert (outcome.code, outcome.verdicts()) == (ExitCode.INFRASTRUCTURE, ["error"])
    assert failure(outcome) == "CP-1 cannot connect to the CSMS: the CSMS speaks none of ocpp1.6"


def test_nobody_there_is_noticed_before_the_power_is_on(tmp_path: Path) -> None:
    """Also a scenario whose charger is still off is no failure of its own when nobody listens."""
    outcome = run(
        tmp_path, "ws://127.0.0.1:9", "given: {state: disconnected}\nsteps: [{power: 'on', expect: {boot: Accepted}}]"
    )
    assert (outcome.code, outcome.verdicts()) == (ExitCode.INFRASTRUCTURE, ["error"])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{boot: {status: Pending}}", "given.csms.boot cannot be arranged"),
        ("{replies: [{to: Heartbeat, silence: true}]}", "given.csms.replies cannot be arranged"),
        ("{heartbeat_interval: 10s}", "given.csms.heartbeat_interval cannot be arranged"),
        ("{vendors: {org.example: {}}}", "given.csms.vendors cannot be arranged"),
        ("{ev_certificate: AAAA}", "given.csms.ev_certificate cannot be arranged"),
    ],
)
def test_what_cannot_be_arranged_is_blocked(tmp_path: Path, given: str, reason: str) -> None:
    """A scenario that needs a CSMS of a certain behaviour cannot be judged against one that is not ours."""
    outcome = run(tmp_path, "ws://127.0.0.1:9", f"given: {{csms: {given}}}\nsteps: [{{log: x}}]")
    assert outcome.verdicts() == ["blocked"]
    assert failure(outcome).startswith(reason)


def test_too_few_identities_block(tmp_path: Path) -> None:
    """A scenario with more chargers than the pool has identities cannot run."""
    outcome = run(
        tmp_path,
        "ws://127.0.0.1:9",
        "given: {chargers: {A: {}, B: {}}}\nsteps: [{log: x}]",
        target_options={"identities": ["CP-1"]},
    )
    assert outcome.verdicts() == ["blocked"]


def test_the_pool_caps_the_workers() -> None:
    """One identity, one charger."""
    assert target("ws://x", identities=["A", "B", "C"]).max_workers == 3
    assert target("ws://x").max_workers == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "needs a ws:// or wss:// URL"),
        ({"url": "http://x"}, "needs a ws:// or wss:// URL"),
        ({"url": "ws://x", "colour": "red"}, "no option colour"),
        ({"url": "ws://x/{identiy}"}, r"a URL has no \{identiy\}; \{identity\} stands for"),
        ({"url": "ws://x", "call_timeout": "0s"}, "`call_timeout` is longer than nothing"),
        ({"url": "ws://x", "tokens": ["a"]}, "`tokens` maps"),
        ({"url": "ws://x", "basic_auth": {"user": "x"}}, "`basic_auth` is"),
        ({"url": "wss://x", "ca": "/nowhere.pem"}, "/nowhere.pem"),
        ({"url": "ws://x", "cards": ["a"]}, "`cards` maps"),
        ({"url": "ws://x", "cards": {"C": "Akzepted"}}, "`cards: C`: 'Akzepted' is none of Accepted, Blocked"),
        (
            {"url": "ws://x", "cards": {"C": {"status": "Blocked", "colour": 1}}},
            "`cards: C`: a card has no field colour",
        ),
        ({"url": "ws://x", "unknown_id_token": "Nobody"}, "`unknown_id_token`: 'Nobody' is none of"),
        ({"url": "ws://x", "concurrent_tx": "maybe"}, "`concurrent_tx` is refuse or allow"),
        ({"url": "ws://x", "versions": ["1.5"]}, "`versions` lists some of 1.6, 2.0.1"),
        ({"url": "ws://x", "verify": "no"}, "`verify` is true or false"),
        ({"url": "ws://x", "within": []}, "`within` is a duration"),
        ({"url": "ws://x", "within": 5}, "`within` is a duration with a unit, such as 5s, not 5"),
        ({"url": "ws://x", "settle": 0.25}, "`settle` is a duration with a unit, such as 0.25s, not 0.25"),
        ({"url": "ws://x", "settle": None}, "`settle` is a duration with a unit such as 30s, not None"),
        ({"url": "ws://x", "settle": "5"}, "`settle`: '5' is not a duration"),
        ({"url": "ws://x", "call_timeout": 30}, "`call_timeout` is a duration with a unit, such as 30s"),
        ({"url": "ws://x", "identities": 7}, "`identities` is a list"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    """A mistake in the configuration is told before anything runs."""
    with pytest.raises(ValueError, match=message):
        CsmsTarget("csms", CsmsTargetOptions.from_mapping(options))


def test_options_in_short() -> None:
    """A list of identities and credentials may be written in one text."""
    options = CsmsTargetOptions.from_mapping({"url": "ws://x", "identities": "A, B", "basic_auth": "me:secret"})
    assert (options.identities, options.basic_auth) == (("A", "B"), ("me", "secret"))
    assert CsmsTargetOptions.from_mapping({"url": "ws://x", "basic_auth": "secret"}).basic_auth == (None, "secret")


@pytest.mark.parametrize(
    ("options", "given", "reason"),
    [
        ({"unknown_id_token": "Unknown"}, "{unknown_id_token: Blocked}", "an unknown card must be Blocked at the CSMS"),
        ({"concurrent_tx": "allow"}, "{concurrent_tx: refuse}", "given.csms.concurrent_tx must be refuse"),
    ],
)
def test_what_is_known_to_be_otherwise_is_blocked(
    tmp_path: Path, options: dict[str, Any], given: str, reason: str
) -> None:
    """What nobody has said of the CSMS is taken on trust."""
    text = f"given: {{csms: {given}}}\nsteps: [{{log: x}}]"
    outcome = run(tmp_path, "ws://127.0.0.1:9", text, target_options=options)
    assert outcome.verdicts() == ["blocked"]
    assert failure(outcome).startswith(reason)
    outcome = run(tmp_path, "ws://127.0.0.1:9", text, target_options={"within": "4s"})
    assert outcome.verdicts() == ["error"]


@pytest.mark.parametrize(("options", "verdict"), [({}, "blocked"), ({"unknown_id_token": "Accepted"}, "error")])
def test_a_csms_that_accepts_anybody_must_be_said_to(tmp_path: Path, options: dict[str, Any], verdict: str) -> None:
    """How unknown cards are refused is taken on trust, but not that they are accepted."""
    text = "given: {csms: {unknown_id_token: Accepted}}\nsteps: [{log: x}]"
    outcome = run(tmp_path, "ws://127.0.0.1:9", text, target_options={"within": "3s", **options})
    assert outcome.verdicts() == [verdict]


def test_credentials_of_the_url_are_no_part_of_it() -> None:
    """They are used, and not shown with the URL; others that are given go first."""
    options = CsmsTargetOptions.from_mapping({"url": "ws://me:p%40ss@x:80/o?q=1"})
    assert (options.url, options.basic_auth) == ("ws://x:80/o?q=1", ("me", "p@ss"))
    options = CsmsTargetOptions.from_mapping({"url": "ws://me:no@x", "basic_auth": "yes"})
    assert (options.url, options.basic_auth) == ("ws://x", (None, "yes"))


@pytest.mark.parametrize(
    ("given", "row", "reason"),
    [
        ("csms: {heartbeat_interval: 10s}", "x", "given.csms.heartbeat_interval cannot be arranged"),
        (
            "csms: {id_tokens: {A: Blocked}}",
            "x",
            "A must be Blocked at the CSMS, and the cards listed for it",
        ),
        ("csms: {id_tokens: {A: '${{ kind }}'}}", "Blocked", "A must be Blocked at the CSMS"),
        ("csms: {id_tokens: {A: '${{ kind }}'}}", "Accepted", None),
        ("csms: {id_tokens: {A: '${{ kind + kind }}'}}", "Accepted", None),
        ("chargers: {A: {}, B: {}}", "x", "it needs 2 charger identities, and the target has 1 to lend"),
    ],
)
def test_the_plan_knows_what_cannot_be_had(tmp_path: Path, given: str, row: str, reason: str | None) -> None:
    """``--list`` and ``--dry-run`` promise nothing that a run then blocks."""
    text = f"vars: {{kind: {row}}}\ngiven: {{{given}}}\nsteps: [{{log: '${{{{ kind }}}}'}}]"
    chosen = target("ws://127.0.0.1:9", identities=["A"], cards={"R": "Accepted"})
    (case,) = plan_texts(tmp_path, text, target=chosen).cases
    assert (case.blocked or "").startswith(reason or "")
    assert (case.blocked is None) is (reason is None)


@pytest.mark.parametrize(
    ("asked", "blocked"),
    [
        ("{is: schema, by: charger}", True),
        ("{is: schema, by: csms}", False),
        ("schema", False),
        ("sequence-number-gap", True),
        ("[{is: schema}, {is: no-answer}]", True),
    ],
)
def test_the_charger_is_judged_by_our_own_csms_alone(tmp_path: Path, asked: str, blocked: bool) -> None:
    """Another one finds its breaches too, and does not tell us; some only a CSMS can find."""
    text = f"steps: [{{plug_connector: 1, expect: {{violation: {asked}}}}}]"
    (case,) = plan_texts(tmp_path, text, target=target("ws://127.0.0.1:9")).cases
    assert (case.blocked is not None) is blocked


def test_a_long_within_blocks(tmp_path: Path) -> None:
    """What a step says counts, alone and in `until`; what the target waits by itself does not."""
    steps = {
        "expect: {boot: Accepted}, within: 25s": "a step may wait 25 s of real time, and --max-real allows 5 s",
        "until: {condition: '1 == 1', deadline: 6s, steps: [{wait: 1s}]}": "a step may wait 6 s of real time",
        "expect: {boot: Accepted}, within: 5s": None,
        "expect: {boot: Accepted}": None,
    }
    chosen = target("ws://127.0.0.1:9", within="30s")
    for step, reason in steps.items():
        plan = plan_texts(tmp_path, f"steps: [{{{step}}}]", target=chosen, options=SuiteOptions(max_real=5))
        blocked = plan.cases[0].blocked
        assert (blocked or "").startswith(reason or "")
        assert (blocked is None) is (reason is None), step
