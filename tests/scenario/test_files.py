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


@pytest.mark.parametrize(
    ("files", "file", "told"),
    [
        ("{new.bin: {}}", "new.bin", None),
        ("{new.bin: {}}", "{$any_of: [new.bin]}", None),
        ("{new.bin: {}}", '"${{ env.FILE }}"', None),
        ("{new.bin: {}}", "nev.bin", "did you mean 'new.bin'?"),
        ("{new.bin: {}}", "{$not: nev.bin}", "it has new.bin"),
        ("{}", "new.bin", "there is none"),
    ],
)
def test_a_download_of_what_is_not_there(files: str, file: str, told: str | None) -> None:
    """A station may ask for it all the same, and get nothing, so it is a warning."""
    step = f"expect: {{download: {{file: {file}}}}}"
    found = load(_GIVEN.format(given=f"given: {{files: {files}}}\n", step=step)).diagnostics
    assert [(one.code, one.severity) for one in found] == ([("unlikely-event", "warning")] if told else [])
    assert told is None or told in f"{found[0].message} {found[0].hint}"
