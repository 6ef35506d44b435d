"""The options of a station target, and what a scenario cannot have there."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.targets.station.options import StationOptions
from ocpplab_runner.targets.station.reception import say
from ocpplab_runner.targets.station.target import StationTarget
from tests.acceptance.certificates import self_signed
from tests.engine.suite_kit import plan_texts
from tests.targets.station_kit import HandyRig


def options(**told: Any) -> StationOptions:
    """Read them."""
    return StationOptions.from_mapping(told)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"port": 9000}, "a station target has no option port"),
        ({"listen": "9000"}, "`listen` is HOST:PORT"),
        ({"identity": "A", "identities": ["B"]}, "`identity` and `identities` exclude each other"),
        ({"stations": {}}, "`stations` maps an identity"),
        ({"stations": {"A": {"evses": 2}}}, "`stations.A` has charger, listen, versions, not"),
        ({"stations": {"A": 7}}, "`stations.A` has charger, listen, versions, not 7"),
        ({"versions": ["1.7"]}, "`versions` lists some of"),
        ({"charger": {"evse": 2}}, "`charger`: a charger has no evse"),
        ({"charger": {"settings": {}}}, "each case gives it its settings"),
        ({"security_profile": 4}, "`security_profile` is 0, 1, 2 or 3, not 4"),
        ({"security_profile": True}, "`security_profile` is 0, 1, 2 or 3, not True"),
        ({"security_profile": 1}, "security profile 1 needs `basic_auth`"),
        ({"security_profile": 2, "basic_auth": "x"}, "security profile 2 needs `cert`"),
        ({"security_profile": 3, "cert": "x"}, "security profile 3 needs `client_ca`"),
        ({"basic_auth": "x"}, "`basic_auth` has no meaning in security profile 0"),
        ({"cert": "x"}, "`cert` has no meaning in security profile 0"),
        ({"security_profile": 2, "basic_auth": "x", "cert": "not-there.pem"}, "not-there.pem"),
        ({"boot": 60}, "`boot` is a duration with a unit, such as 60s"),
        ({"boot": "0s"}, "`boot` is longer than nothing"),
        ({"allow": ["reboot"]}, "`allow` lists some of reset, firmware, certificates, availability, not 'reboot'"),
        ({"allow": 7}, "`allow` lists some of"),
        ({"cards": {"A": "Accepted"}}, "`cards` lists the real cards"),
        ({"tokens": ["A"]}, "`tokens` maps"),
        ({"listen": "lab.example:9000"}, "`listen` is HOST:PORT"),
        ({"listen": "http://[::1"}, "`listen` is HOST:PORT"),
        ({"path": 7}, "`path` is a text, not 7"),
        ({"path": "/ocpp?tenant=7"}, "`path` has no ?"),
        ({"identity": ["A"]}, "`identity`: ['A'] is no identity of a charger"),
        ({"identity": ""}, "`identity`: '' is no identity of a charger"),
        ({"identities": ["A", None]}, "`identities`: None is no identity of a charger"),
        ({"stations": {"": {}}}, "`stations`: '' is no identity of a charger"),
        ({"charger": {1: 2}}, "`charger`: a charger has no 1"),
        ({"cards": [{"A": "Accepted"}]}, "`cards` lists the real cards"),
        ({"tokens": {"A": ["B"]}}, "`tokens` maps"),
        ({"interactive": "no"}, "`interactive` is true or false, not 'no'"),
        ({"journal": 7}, "`journal` is a text, not 7"),
        ({"security_profile": 2, "basic_auth": "x", "cert": ""}, "`cert` is the path of a file"),
        ({"rig": "http://rig"}, "`rig` is a mapping"),
        ({"rig": HandyRig(verbs=["set_configuration"])}, "`rig` has set_configuration, and at a station"),
    ],
)
def test_what_is_wrong_is_told_by_name(told: dict[str, Any], problem: str) -> None:
    """And the password never."""
    with pytest.raises(ValueError, match=r".") as raised:
        options(**told)
    assert problem in str(raised.value)


def test_without_any_option_it_is_one_charger_of_any_version() -> None:
    """As the command line has it."""
    (station,) = options().stations
    assert (station.identity, station.listen, station.evses) == ("CP-1", ("0.0.0.0", 9000), 1)


def test_tls_is_for_profiles_2_and_3(tmp_path: Path) -> None:
    """The scheme that the charger must dial follows."""
    both, alone = self_signed(tmp_path)
    assert options(security_profile=2, basic_auth="x", cert=str(both)).scheme == "wss"
    assert options(security_profile=3, cert=str(both), client_ca=str(alone)).scheme == "wss"
    assert options(security_profile=1, basic_auth="x").scheme == "ws"


AT = {"listen": "127.0.0.1:9001"}, {"listen": "127.0.0.1:9002"}


@pytest.mark.parametrize(
    ("stations", "workers"),
    [
        ({"A": AT[0], "B": AT[0]}, 1),
        ({"A": AT[0], "B": AT[1]}, 2),
        ({"A": AT[0], "B": {**AT[1], "charger": {"evses": 2}}}, 1),
        ({"A": AT[0], "B": AT[1], "C": AT[1]}, 1),
    ],
)
def test_so_many_cases_run_side_by_side(stations: dict[str, Any], workers: int) -> None:
    """As there are addresses with the same stations: any case may come to any worker."""
    assert StationTarget("bench", options(stations=stations)).max_workers == workers
    assert StationTarget("bench", options(stations=stations, interactive=True)).max_workers == 1


BLOCKED = [
    ("steps: [{plug_connector: 1}, {expect: {connector_status: Preparing}}]", {}, "nobody is there to plug_connector"),
    (
        "steps: [{charger_reply: {to: Reset, silence: true}}, {expect: {connector_status: Preparing}}]",
        {},
        "no hand can charger_reply",
    ),
    ("steps: [{reset: Soft, expect: {response: {status: Accepted}}}]", {}, "reset disturbs the station"),
    (
        "steps: [{csms_call: {action: Reset, payload: {type: Soft}}, expect: {response: {status: Accepted}}}]",
        {},
        "Reset disturbs the station",
    ),
    ("given: {state: unavailable}\nsteps: [{expect: {boot: Accepted}}]", {}, "`allow` has no availability"),
    ("given: {state: ev_connected}\nsteps: [{expect: {boot: Accepted}}]", {}, "nobody is there to plug_connector"),
    ("given: {charger: {evses: 2}}\nsteps: [{expect: {boot: Accepted}}]", {}, "must be 2, and CP-1 has 1"),
    (
        "given: {charger: {security_profile: 1}}\nsteps: [{expect: {boot: Accepted}}]",
        {},
        "security_profile must be 1, and CP-1 has 0",
    ),
    ("given: {charger: {unlock: fails}}\nsteps: [{expect: {boot: Accepted}}]", {}, "say so under `charger`"),
    ("given: {charger: {cache: {A: Accepted}}}\nsteps: [{expect: {boot: Accepted}}]", {}, "not fill it"),
    ("given: {chargers: {A: {}, B: {}}}\nsteps: [{expect: {boot: Accepted}, charger: A}]", {}, "it needs 2 stations"),
    ("steps: [{expect: {token_status: Accepted}}]", {}, "it happens inside the station"),
    (
        "steps: [{authorize_id_tag: A, expect: {auth_status: {is: Accepted, via: cache}}}]",
        {"rig": HandyRig()},
        "cannot see a verdict via cache",
    ),
    (
        "steps: [{authorize_id_tag: A, never: {auth_status: Accepted}, for: 5s}]",
        {"rig": HandyRig()},
        "cannot be judged without `via`",
    ),
    (
        "steps: [{reset_auth_cache: {}, expect: {outcome: {detail: {cleared_entries: 0}}}}]",
        {},
        "OCPP does not tell that of a station",
    ),
]


@pytest.mark.parametrize(("text", "told", "why"), BLOCKED)
def test_what_is_blocked_before_anything_runs(tmp_path: Path, text: str, told: dict[str, Any], why: str) -> None:
    """With a reason that names what would do it."""
    (case,) = plan_texts(tmp_path, f"ocpp: ['1.6']\n{text}", target=StationTarget("bench", options(**told))).cases
    assert why in (case.blocked or "")


def test_the_profile_with_which_stations_dial_is_known(tmp_path: Path) -> None:
    """A case that wants just that one is not blocked."""
    text = "ocpp: ['1.6']\ngiven: {charger: {security_profile: 0}}\nsteps: [{expect: {boot: Accepted}}]"
    (case,) = plan_texts(tmp_path, text, target=StationTarget("bench", options())).cases
    assert case.blocked is None


def test_a_person_can_do_what_hands_can() -> None:
    """States follow from verbs."""
    alone = StationTarget("bench", options()).capabilities
    helped = StationTarget("bench", options(interactive=True)).capabilities
    assert {"plug_connector", "network", "power"} <= helped.verbs - alone.verbs
    assert {"ev_connected", "charging", "offline", "disconnected"} <= helped.states - alone.states
    assert "charger_reply" not in helped.verbs


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "begins"), [(StringIO, "waiting"), (_Terminal, "\r\033[Kwaiting")])
def test_what_is_told_while_the_run_goes_on_has_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, stream: type[StringIO], begins: str
) -> None:
    """On a terminal the progress bar stands there."""
    told = stream()
    monkeypatch.setattr("sys.stderr", told)
    say("waiting for CP-1")
    assert told.getvalue() == f"{begins} for CP-1\n"


def test_where_files_are() -> None:
    """An address that stations can reach; every address is none."""
    assert StationOptions.from_mapping({}).files is None
    assert StationOptions.from_mapping({"files": "192.0.2.1:8080"}).files == ("192.0.2.1", 8080)
    for wrong in ("0.0.0.0:8080", "[::]:8080", "host:8080", 8080, "192.0.2.1"):
        with pytest.raises(ValueError, match="`files` is HOST:PORT"):
            StationOptions.from_mapping({"files": wrong})
