"""Text that is safe to show: no escape sequences, no characters that XML or a terminal chokes on."""

from __future__ import annotations

import re

# CSI and OSC sequences, then any other two-character escape.
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]|\x9b[0-?]*[ -/]*[@-~]")
# What XML 1.0 forbids (section 2.2, Char), the discouraged controls that terminals act on, and what turns the order of
# the letters around it or breaks a line without being seen.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# How a line begins, or what it holds, that the log of GitHub Actions takes for a command.
_COMMAND = re.compile(r"^(\s*)(?=::)|##(?=\[)", re.MULTILINE)
_NON_CHARACTERS = re.compile(
    "[" + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF)) + "]"
)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"#x{code:02X}" if code < 0x100 else f"#x{code:04X}"


def clean(text: str) -> str:
    """The text without ANSI sequences, and with forbidden characters made visible (NUL becomes ``#x00``).

    Line breaks and tabs stay. The result is valid XML 1.0 character data and encodes as UTF-8.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _NON_CHARACTERS.sub(_visible, _UNSAFE.sub(_visible, text))


def harmless(text: str) -> str:
    """Lines for a log in which nobody's text is a command: ``::error::`` and ``##[error]`` are shown, not done."""
    if "::" not in text and "##[" not in text:
        return text
    return _COMMAND.sub(lambda match: "## " if match.group() == "##" else f"{match.group()}| ", text)


def one_line(text: str) -> str:
    """:func:`clean`, on one line."""
    return " ".join(clean(text).split())


def plural(count: int, noun: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def duration(seconds: float) -> str:
    """Seconds for people: ``0.013s``, ``12.5s``, ``4m10s``, ``24h00m``."""
    if seconds < 0.9995:
        return f"{seconds:.3f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}h{minutes % 60:02d}m"
