"""Files that steps name: ``given.files`` has them, or it is told where a file is missing."""

from __future__ import annotations

import pytest

from tests.scenario.kit import load

_GIVEN = "name: x\nocpp: ['2.0.1']\n{given}steps:\n  - {step}\n"


@pytest.mark.parametrize(
    ("files", "step", "wrong"),
    [
        ("{a.bin: {}}", "update_firmware: a.bin", None),
        ("{a.bin: {}}", "update_firmware: {}", None),
        ("{a.bin: {}, b.bin: {}}", "update_firmware: {file: b.bin}", None),
        ("{a.bin: {}, b.bin: {}}", "update_firmware: {location: 'http://h/f'}", None),
        ("{}", "update_signed_firmware: {location: 'http://h/f'}", None),
        ("{a.bin: {}}", 'update_firmware: "${{ env.FILE }}"', None),
        ("{a.bin: {}}", "get_diagnostics: {}", None),
        ("{new.bin: {}}", "update_firmware: nev.bin", "did you mean 'new.bin'?"),
        ("{new.bin: {}}", "update_signed_firmware: {file: other}", "it has new.bin"),
        ("{}", "update_firmware: a.bin", "there is none"),
        ("{}", "update_firmware: {}", "none that could be meant"),
        ("{a.bin: {}, b.bin: {}}", "update_firmware: {retries: 1}", "which of a.bin, b.bin is meant?"),
    ],
)
def test_files_that_are_named(files: str, step: str, wrong: str | None) -> None:
    """Whichever way they are, or are not."""
    given = f"given: {{files: {files}}}\n"
    found = load(_GIVEN.format(given=given, step=step)).diagnostics
    if wrong is None:
        assert found == []
    else:
        assert [one.code for one in found] == ["unknown-file"]
        assert wrong in f"{found[0].message} {found[0].hint}"
