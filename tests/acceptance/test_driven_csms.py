"""A sample of ``python -m tests.acceptance.driven_csms``: a CSMS in another process that a driver makes act."""

from __future__ import annotations

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
    assert programmed or others, told
    assert all("csms_reply" in reason for reason in others), told
