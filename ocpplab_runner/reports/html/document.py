"""The HTML file put together: the page, its style and scripts, and the data, packed."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import orjson

_PAGE = resources.files("ocpplab_runner.reports.html") / "page"
#: In the order in which they need each other.
_SCRIPTS = ("data.js", "text.js", "timeline.js", "sequence.js", "case.js", "list.js", "main.js")


def packed(data: Any) -> str:
    """Plain data as deflated JSON in base64: what a page can hold and inflate."""
    return base64.b64encode(zlib.compress(orjson.dumps(data), 6)).decode("ascii")


def build(index: Any, chunks: Sequence[str]) -> Iterator[bytes]:
    """The pieces of the file.

    Args:
        index: of the run and its cases.
        chunks: of each case, packed; empty for what is not there.
    """
    page = _read("index.html")
    before, after = page.split("<!-- data -->")
    style, script = _read("style.css"), "\n".join(map(_read, _SCRIPTS))
    yield before.replace("/* style */", style).encode()
    yield f'<script type="text/plain" id="index">{packed(index)}</script>\n'.encode()
    # The page draws its list before the browser has read the rest of the file, which may be long.
    yield f"<script>\n{script}\n</script>\n".encode()
    yield b'<script type="text/plain" id="chunks">'
    for chunk in chunks:
        yield chunk.encode() + b"\n"
    yield b"</script>\n" + after.encode()


def _read(name: str) -> str:
    return (_PAGE / name).read_text("utf-8")
