"""One Chromium for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.page.chromium import Chromium, find_chromium


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The browser; tests that need it are skipped where there is none."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium), and CHROMIUM names none")
    browser = Chromium(program, tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()
