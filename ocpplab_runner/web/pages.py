"""A page for a browser: its files, and the headers that keep it to itself."""

from __future__ import annotations

from importlib import resources

from fastapi import Response
from fastapi.responses import HTMLResponse

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class PageFiles:
    """The files of a page: ``static/index.html`` and what it needs.

    Args:
        package: which has the directory ``static``.
        shared: further packages whose files the page uses too, where it has none of that name.
    """

    def __init__(self, package: str, *shared: str) -> None:
        self._page = resources.files(package).joinpath("static/index.html").read_text("utf-8")
        self._files: dict[str, tuple[bytes, str]] = {}
        # The page's own last: they go before what is shared.
        for one in (*reversed(shared), package):
            for file in resources.files(one).joinpath("static").iterdir():
                media_type = _TYPES.get(file.name[file.name.rfind(".") :])
                if media_type is not None:
                    self._files[file.name] = (file.read_bytes(), media_type)

    def page(self, version: str) -> HTMLResponse:
        """The page itself, with the program's version in it."""
        return HTMLResponse(self._page.replace("{{version}}", version), headers=_HEADERS)

    def file(self, name: str) -> Response | None:
        """A script, a style sheet or an image; None when there is none of that name."""
        if name not in self._files:
            return None
        content, media_type = self._files[name]
        return Response(content, media_type=media_type, headers=_HEADERS)
