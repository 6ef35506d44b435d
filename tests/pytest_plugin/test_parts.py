"""The fixtures ``charger`` and ``csms``, in suites as their users write them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.acceptance.suites import run_suite

pytest_plugins = ["pytester"]


def run(pytester: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    """A suite of one file, in a process of its own."""
    pytester.makepyfile(test_it=dedent(text))
    return run_suite(pytester.path, *arguments)


def test_a_session_of_both(pytester: pytest.Pytester) -> None:
    """In every version: what one does the other sees, and what the CSMS asks for is answered."""
    done = run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("ocpp", ["1.6", "2.0.1", "2.1"])
        def test_session(charger, csms, ocpp):
            station = charger(csms.url, ocpp=ocpp, given={"settings": {"heartbeat_interval": "60s"}})
            assert csms.stations == [station.identity] == ["CP-1"]
            station.do("plug_connector: {evse_id: 1}")
            csms.expect("connector_status: Preparing", within="10s")
            station.do("authorize_id_tag: CARD-1")
            met = csms.expect('''
                auth_status: Accepted
                transaction: {is: started, id_tag: card-1}
            ''')
            assert met["transaction"]["evse_id"] == 1
            station.expect("transaction: {is: started, evse_id: 1}")
            assert csms.do("remote_stop: {}") == {"status": "Accepted"}
            station.expect("transaction: {is: ended, reason: Remote}")
            station.do("unplug_connector: {evse_id: 1}")
            csms.do("update_id_tokens: {CARD-2: Blocked}")
            station.do("authorize_id_tag: CARD-2")
            csms.expect("auth_status: Blocked")
            csms.never("transaction: {}", lasts="100ms")
            assert any(event["name"] == "BootNotification" for event in station.events)
        """,
    )
    done.assert_outcomes(passed=3)


def test_what_does_not_come_fails_and_says_what_did(pytester: pytest.Pytester) -> None:
    """Also what has come before the latest act: it counts no more."""
    done = run(
        pytester,
        """
        def test_late(charger, csms):
            station = charger(csms.url)
            station.do("plug_connector: {evse_id: 1}")
            csms.expect("connector_status: Charging", within="200ms")

        def test_before(charger, csms):
            station = charger(csms.url)
            csms.expect("boot: Accepted")
            station.do("plug_connector: {evse_id: 1}")
            csms.expect("boot: Accepted", within="200ms")

        def test_counts_once(charger, csms):
            charger(csms.url)
            csms.expect("boot: Accepted")
            csms.expect("boot: Accepted", within="200ms")

        def test_never(charger, csms):
            charger(csms.url)
            csms.never("boot: {}", lasts="1s")

        def test_refused(charger, csms):
            charger(csms.url).do("stop_transaction: {}")

        def test_call_error(charger, csms):
            charger(csms.url)
            csms.do("csms_call: {action: GetMonitors, payload: {}}")

        def test_nobody(charger):
            charger("ws://127.0.0.1:9/ocpp", limit=2)
        """,
    )
    done.assert_outcomes(failed=7)
    done.stdout.fnmatch_lines_random(
        [
            "*connector_status Charging did not come within 200ms; what came:*",
            "*connector_status Preparing {evse_id: 1*",
            "*boot Accepted did not come within 200ms; what came:*",
            "*must not come within 1s; boot Accepted*came*",
            "*stop_transaction was refused*",
            "*CP-1: *",
        ]
    )


def test_lines_are_checked_as_scenarios_are(pytester: pytest.Pytester) -> None:
    """With what may have been meant; what only a scenario can ask for is told too."""
    done = run(
        pytester,
        """
        import pytest

        def test_lines(charger, csms):
            station = charger(csms.url)
            for act, line, told in [
                (station.do, "plug_conector: 1", "did you mean 'plug_connector'"),
                (station.do, "remote_start: {id_tag: CARD-1}", "nothing that a charger"),
                (csms.do, "plug_connector: 1", "nothing that the CSMS does"),
                (csms.do, "sign_certificates: correctly", "nothing that the CSMS does"),
                (csms.expect, "transacton: started", "did you mean 'transaction'"),
                (csms.expect, "heartbeat: {count: 2}", "sequences and counts"),
                (csms.expect, "response: {status: Accepted}", "response"),
            ]:
                with pytest.raises(ValueError, match=told):
                    act(line)

        def test_two(charger, csms):
            charger(csms.url), charger(csms.url)
            with pytest.raises(ValueError, match="say which station: connected are CP-1, CP-2"):
                csms.do("reset: Soft")
            assert csms.do("get_configuration: [heartbeat_interval]", station="CP-2")
        """,
    )
    done.assert_outcomes(passed=2)


def test_they_are_made_only_where_they_are_used(pytester: pytest.Pytester) -> None:
    """A suite with fixtures of these names keeps its own, and loads nothing of ours."""
    pytester.makepyfile(
        """
        import sys
        import threading
        import pytest

        @pytest.fixture
        def charger():
            return "mine"

        def test_it(charger):
            assert charger == "mine"
            assert not any(name.startswith("ocpplab_runner.pytest_plugin.parts") for name in sys.modules)
            assert threading.active_count() == 1
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis")
    done.assert_outcomes(passed=1)


def test_nothing_is_left_running(pytester: pytest.Pytester) -> None:
    """Neither thread nor socket outlives the test."""
    done = run(
        pytester,
        """
        import socket
        import threading

        URL = []

        def test_first(charger, csms):
            charger(csms.url).do("plug_connector: 1")
            URL.append(csms.url)

        def test_second():
            assert threading.active_count() == 1
            with socket.socket() as one:
                assert one.connect_ex(("127.0.0.1", int(URL[0].rpartition(":")[2].rstrip("/")))) != 0
        """,
        "-W",
        "error",
    )
    done.assert_outcomes(passed=2)
