"""docs/back-end.md as a reader follows it, and that the profile ``back-end`` fails a CSMS that is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from tests.acceptance.cli_kit import ROOT, Done, cli
from tests.fixtures.csms import csms_process

PAGE = (ROOT / "docs" / "back-end.md").read_text("utf-8")
PROFILE = ROOT / "scenarios" / "back_end"
TOKEN = "let-me-in"


def file_of_the_page(name: str) -> str:
    """A file that the page shows, as it stands there."""
    (text,) = re.findall(rf"^```yaml\n(# {re.escape(name)}\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def test_the_page(tmp_path: Path) -> None:
    """Its files, its commands, at the stand-in that it proposes; only the ports are others."""
    (tmp_path / "cards.yaml").write_text(file_of_the_page("cards.yaml"), "utf-8")
    environment = {**os.environ, "OCPPLAB_CSMS_TOKEN": TOKEN}
    arguments = ("--path", "/ocpp", "--cards", "cards.yaml", "--http", "127.0.0.1:0", "--quiet")
    with csms_process(*arguments, cwd=tmp_path, environment=environment) as csms:
        url = csms.url.removesuffix("/{identity}")
        text = file_of_the_page("ocpplab.yaml")
        assert "ws://127.0.0.1:9000/ocpp" in text and "http://127.0.0.1:9080" in text
        text = text.replace("ws://127.0.0.1:9000/ocpp", url).replace("http://127.0.0.1:9080", csms.api)
        (tmp_path / "ocpplab.yaml").write_text(text, "utf-8")
        probed = cli("probe", url, "--identity", "CP-001", cwd=tmp_path)
        assert probed.code == 0, probed.out + probed.err
        first = cli(
            *("run", str(PROFILE), "--target", "staging", "--tag", "back-end", "-j", "4"),
            cwd=tmp_path,
            OCPPLAB_CSMS_TOKEN=TOKEN,
        )
        assert first.code == 0, first.out + first.err
        assert re.search(r"^\d\d passed, 4 blocked ", first.out, re.MULTILINE), first.out
        remote = ROOT / "scenarios" / "remote" / "stop_of_a_number_written_as_text.yaml"
        second = cli("run", str(remote), "--target", "staging", "--strict", cwd=tmp_path, OCPPLAB_CSMS_TOKEN=TOKEN)
        assert second.code == 0 and "3 passed" in second.out, second.out + second.err


def test_every_scenario_of_the_profile_stands_on_the_page() -> None:
    """And has its tag."""
    files = sorted(path.name for path in PROFILE.glob("*.yaml"))
    assert sorted(set(re.findall(r"scenarios/back_end/(\w+\.yaml)\)", PAGE))) == files
    for name in files:
        assert "back-end" in yaml.safe_load((PROFILE / name).read_text("utf-8"))["tags"]


#: Scenario → what a CSMS answers that is wrong.
WRONG = {
    "unique_transaction_ids": "{to: StartTransaction, patch: {transactionId: 7}, times: always}",
    "ids_after_a_restart": "{to: StartTransaction, patch: {transactionId: 1}, times: always}",
    "every_message_is_answered": "{to: DataTransfer, error: NotSupported, times: always}",
    "times_with_a_zone": "{to: Heartbeat, patch: {currentTime: '2026-01-01T00:00:00'}, times: always}",
    "concurrent_tx": "{to: StartTransaction, patch: {idTagInfo: {status: Blocked}}, times: always}",
    "late_stop": "{to: StopTransaction, silence: true, times: always}",
    "repeated_stop": "{to: StopTransaction, error: GenericError, times: always}",
}


@pytest.mark.parametrize("scenario", sorted(path.stem for path in PROFILE.glob("*.yaml")))
def test_a_csms_that_is_wrong_fails(scenario: str, tmp_path: Path) -> None:
    """Each scenario can fail, in OCPP 1.6 for example."""
    whole = (PROFILE / f"{scenario}.yaml").read_text("utf-8")
    raw = "\n    raw: true" if "currentTime" in WRONG[scenario] else ""
    text = whole.replace("\nsteps:\n", f"\nsteps:\n  - csms_reply: {WRONG[scenario]}\n    only: ['1.6']{raw}\n", 1)
    (tmp_path / "it.yaml").write_text(text, "utf-8")
    done: Done = cli("run", "it.yaml", "--ocpp", "1.6", cwd=tmp_path)
    assert done.code == 1, done.out + done.err
