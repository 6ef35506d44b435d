"""The library against ``ocpplab-runner csms`` in a process of its own, which an HTTP driver makes act.

    python -m tests.acceptance.driven_csms                   everything that takes at most a minute of real time
    python -m tests.acceptance.driven_csms --unprogrammed    without programmed answers, as at most back ends
    python -m tests.acceptance.driven_csms PATH…             some of it

Prints how many cases passed, and every reason of those that are blocked; exits 1 when one failed or was an error, or
when more than a tenth is blocked by anything but real time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.acceptance.cli_kit import ROOT, cli
from tests.fixtures.csms import csms_process

#: Chargers that cases share: as many run side by side.
POOL = 16
#: How much of what is not blocked by real time alone may be blocked.
MOST_BLOCKED = 0.1
TOKEN = "a-token-for-tests"
_TIME = re.compile(r"of real time, and --max-real allows")
_NUMBERS = re.compile(r"\d+(\.\d+)?")
DRIVER = """\
targets:
  driven:
    kind: csms
    url: {url}
    identities: [{identities}]
    within: 10s
    driver:
      base_url: {api}
      headers: {{Authorization: "Bearer ${{{{ env.OCPPLAB_CSMS_TOKEN }}}}"}}
      message_id: message_id
      operations:
        "*": {{url: "/stations/{{station}}/{{operation}}?raw={{raw}}", json: "{{fields}}"}}
        update_id_tokens: {{url: "/cards?station={{station}}", json: "{{fields}}"}}
        sign_certificates: {{url: "/signing?station={{station}}", json: "{{fields}}"}}
        begin_case: {{method: PUT, url: /case, json: "{{fields}}"}}
"""
PROGRAMMED = '        csms_reply: {url: "/stations/{station}/csms_reply", json: "{fields}"}\n'


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a run.

    Attributes:
        verdicts: verdict → how many cases.
        reasons: why cases are blocked → how many, numbers left out.
        wrong: each case that failed or was an error, with the reason.
    """

    verdicts: Counter[str]
    reasons: Counter[str]
    wrong: list[str]

    @property
    def late(self) -> int:
        """How many take too long for the real clock."""
        return sum(count for reason, count in self.reasons.items() if _TIME.search(reason))

    @property
    def blocked(self) -> float:
        """The share of cases that are blocked, of those that do not take too long."""
        return (self.verdicts["blocked"] - self.late) / max(1, self.verdicts.total() - self.late)


def run(paths: Sequence[str], *, programmed: bool, max_real: str = "60s", jobs: int = POOL, pool: int = POOL) -> Told:
    """Run scenarios there.

    Args:
        paths: of scenarios.
        programmed: whether the driver can programme answers.
        max_real: the longest that a case may take.
        jobs: cases side by side.
        pool: how many chargers they share.
    """
    environment = {**os.environ, "OCPPLAB_CSMS_TOKEN": TOKEN}
    with TemporaryDirectory() as folder:
        here = Path(folder)
        arguments = ("--path", "/ocpp", "--http", "127.0.0.1:0", "--quiet")
        with csms_process(*arguments, cwd=here, environment=environment) as csms:
            identities = ", ".join(f"CP-{number}" for number in range(1, pool + 1))
            text = DRIVER.format(url=csms.url.removesuffix("/{identity}"), api=csms.api, identities=identities)
            (here / "ocpplab.yaml").write_text(text + (PROGRAMMED if programmed else ""), "utf-8")
            options = ("--target", "driven", "-j", str(jobs), "--max-real", max_real, "--jsonl", "out.jsonl")
            done = cli("run", *paths, *options, cwd=here, OCPPLAB_CSMS_TOKEN=TOKEN)
        records = [json.loads(line) for line in (here / "out.jsonl").read_text("utf-8").splitlines()]
    ends = [one for one in records if one["type"] == "case" and one["phase"] == "end" and one["last"]]
    assert ends, done.out + done.err
    return Told(
        Counter(one["verdict"] for one in ends),
        Counter(_NUMBERS.sub("…", one["reason"]) for one in ends if one["verdict"] == "blocked"),
        [f"{one['verdict']} {one['id']}: {_why(one)}" for one in ends if one["verdict"] in ("failed", "error")],
    )


def _why(end: dict[str, Any]) -> str:
    return str(end.get("failure", {}).get("message") or end.get("reason", ""))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=[str(ROOT / "scenarios")])
    parser.add_argument("--unprogrammed", action="store_true", help="the driver cannot programme answers")
    parser.add_argument("--max-real", default="60s")
    parser.add_argument("-j", "--jobs", type=int, default=POOL)
    given = parser.parse_args()
    paths = [str(Path(path).absolute()) for path in given.paths]
    told = run(paths, programmed=not given.unprogrammed, max_real=given.max_real, jobs=given.jobs)
    for line in told.wrong:
        print(line)
    for reason, count in told.reasons.most_common():
        print(f"{count:5} blocked: {reason}")
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(told.verdicts.items()))
    print(f"{counts}; {told.late} take too long; of the rest {told.blocked:.1%} are blocked")
    return 1 if told.wrong or told.blocked > MOST_BLOCKED else 0


if __name__ == "__main__":
    sys.exit(main())
