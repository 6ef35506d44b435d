"""Lines of a pipe, as they come."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from ocpplab_runner.tools.simulating.reading import lines_of


def test_reading_never_blocks_the_loop() -> None:
    """Also right after a piece was read, when the selector has spoken of it twice."""

    async def main() -> list[str]:
        ours, theirs = os.pipe()
        rescue = threading.Timer(20, os.write, (theirs, b"the loop was blocked\n"))
        rescue.start()
        lines, seen = lines_of(ours), []
        for number in range(50):
            waiting = asyncio.ensure_future(anext(lines))
            for _ in range(number % 7 + 1):
                await asyncio.sleep(0)
            assert not waiting.done()
            os.write(theirs, f"{number}\n".encode())
            seen.append(await waiting)
        rescue.cancel()
        os.write(theirs, "ä".encode())
        os.close(theirs)
        seen += [line async for line in lines]
        os.close(ours)
        return seen

    assert asyncio.run(main()) == [*map(str, range(50)), "ä"]


def test_a_file_and_a_last_line_without_its_end(tmp_path: Path) -> None:
    """No selector takes a file."""
    path = tmp_path / "it.txt"
    path.write_text("one\n\ntwo")

    async def main() -> list[str]:
        with path.open() as file:
            return [line async for line in lines_of(file.fileno())]

    assert asyncio.run(main()) == ["one", "", "two"]
