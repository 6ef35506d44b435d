"""Lines of a pipe, as they come."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ocpplab_runner.tools.simulating.reading import lines_of


def test_nobody_waits_for_a_pipe_that_has_no_more() -> None:
    """Whatever else runs on the loop: reading never blocks it, also right after a piece has been read."""

    async def main() -> None:
        ours, theirs = os.pipe()
        turns, seen = 0, []

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        turning = asyncio.create_task(turn())
        lines = lines_of(ours)
        for number in range(200):
            os.write(theirs, f"{number}\nä{number}".encode())
            seen.append(await anext(lines))
            before = turns
            for _ in range(number % 7):
                await asyncio.sleep(0)
            assert turns >= before
            os.write(theirs, b"\n")
            seen.append(await anext(lines))
        os.close(theirs)
        assert [line async for line in lines] == []
        assert seen == [f"{mark}{number}" for number in range(200) for mark in ("", "ä")]
        turning.cancel()
        os.close(ours)

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_file_and_a_last_line_without_its_end(tmp_path: Path) -> None:
    """No selector takes a file."""
    path = tmp_path / "it.txt"
    path.write_text("one\n\ntwo")

    async def main() -> list[str]:
        with path.open() as file:
            return [line async for line in lines_of(file.fileno())]

    assert asyncio.run(main()) == ["one", "", "two"]
