"""A sample of ``python -m tests.acceptance.driven_csms``: a CSMS in another process that a driver makes act."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT
from tests.acceptance.driven_csms import run

#: Shipped scenarios that ask a CSMS for a bit of everything, and take seconds: states, operations, cards, settings.
SAMPLE = (
    "remote/unlock_without_a_lock.yaml",
    "remote/stop_of_a_number_written_as_text.yaml",
    "reservation/by_id.yaml",
    "local_list/full_update_by_csms.yaml",
    "local_list/update_with_an_old_version_is_refused.yaml",
    "csms/programmed_for_what_it_does_not_do.yaml",
    "csms/slow_csms_reaches_the_state.yaml",
)


@pytest.mark.parametrize("programmed", [True, False], ids=["programmed", "unprogrammed"])
def test_a_sample_of_the_library(programmed: bool) -> None:
    """Nothing fails, and nothing is blocked but what takes too long and, without them, programmed answers."""
    paths = [str(ROOT / "scenarios" / one) for one in SAMPLE]
    told = run(paths, programmed=programmed, max_real="4s")
    assert told.wrong == []
    assert told.verdicts["passed"] >= 10, told
    others = [reason for reason in told.reasons if "of real time" not in reason]
    assert programmed or any("csms_reply" in reason for reason in others), told
    expected = ("csms_reply", "what the charger does wrong is found by the CSMS, and it is not ours")
    assert all(any(one in reason for one in expected) for reason in others), told


SILENT = """\
name: Silent to the end of a transaction
ocpp: ["1.6"]
given: {csms: {id_tokens: {CARD-1: Accepted}}, state: {charging: {id_tag: CARD-1}}}
steps:
  - csms_reply: {to: StopTransaction, silence: true, times: always}
  - still: {transaction: {is: running}}
"""


def test_what_the_csms_was_made_to_do_ends_with_the_case(tmp_path: Path) -> None:
    """A CSMS that was told to be silent takes the end of a transaction; its charger is free for the next case."""
    for number in (1, 2, 3):
        (tmp_path / f"{number}.yaml").write_text(SILENT, "utf-8")
    told = run([str(tmp_path)], programmed=True, jobs=1, pool=1)
    assert (told.verdicts, told.wrong) == ({"passed": 3}, [])
