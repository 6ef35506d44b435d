"""What the site's generator (mkdocs) needs beside the pages: its hooks."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(?P<language>\w+) (?!title=)(?P<rest>[^\n]+)$", re.MULTILINE)
_FILE = re.compile(r"\bfile=(?P<name>\S+)")
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
_CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Called by mkdocs for each page: its Markdown as the site has it."""
    return for_site(markdown, Path(page.file.src_uri).parent)


def for_site(markdown: str, directory: Path) -> str:
    """A page as the site has it.

    Args:
        markdown: as the repository has it.
        directory: of the page, seen from ``docs/``.

    Returns:
        the same, its examples without the words that only the tests read, and links that lead out of the documentation
        as the paths that they are: the site stands alone.
    """
    named = _FENCE.sub(_fence, markdown)
    parts = _CODE.split(named)
    return "".join(
        part if number % 2 else _LINK.sub(lambda link: _link(link, directory), part)
        for number, part in enumerate(parts)
    )


def _fence(found: re.Match[str]) -> str:
    file = _FILE.search(found["rest"])
    return f"```{found['language']}" + (f' title="{file["name"]}"' if file else "")


def _link(found: re.Match[str], directory: Path) -> str:
    target = found["target"]
    if "://" in target or target.startswith("mailto:"):
        return found[0]
    there = Path(os.path.normpath(ROOT / "docs" / directory / target))
    if there.is_relative_to(ROOT / "docs"):
        return found[0]
    return f"{found['text']} (`{there.relative_to(ROOT).as_posix()}`)"
