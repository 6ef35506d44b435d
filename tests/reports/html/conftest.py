"""The one Chromium of the Gateway's page."""

from tests.gateway.page.conftest import chromium

__all__ = ["chromium"]
