"""The documentation of the types says what is so."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from docs.pages.authorization_types import page

from .generation import SHAPES

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_page_has_every_type_and_leads_nowhere_else() -> None:
    """One heading for each, and every link inside the page has its heading."""
    text = page()
    assert sorted(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == sorted(SHAPES)
    assert {*re.findall(r"\(#(\w+)\)", text)} <= {name.lower() for name in SHAPES}


def test_rows_say_limits_and_needs() -> None:
    """As the schema does."""
    rows = page().splitlines()
    assert (
        "| `iso15118CertificateHashData` | list of 1 to 4 [CertificateHashDataInfo](#certificatehashdatainfo) | 1 | "
        "What an OCSP request for the contract certificate and its chain needs. |" in rows
    )
    assert any(row.startswith("| `connectors` | list of whole numbers, 1 or more | 1 |") for row in rows)
    assert any(row.startswith("| `UsedToStart` | 2 |") for row in rows)
    assert any(row.startswith("| `tariff_messages`") and "Required by peers of vocabulary 2" in row for row in rows)


def test_the_example_in_the_documentation_prints_what_it_says() -> None:
    """Each printed line, and the error at the end."""
    text = (ROOT / "docs" / "authorization.md").read_text("utf-8")
    example = re.search(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert example is not None
    said = [line.removeprefix("# ") for line in example[1].splitlines() if line.startswith("# ")]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(example[1], {})
        except ValueError as error:
            print(f"{type(error).__name__}: {error}")
    assert out.getvalue().splitlines() == said
