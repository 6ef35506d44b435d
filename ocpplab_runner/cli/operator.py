"""Asking whoever sits at the terminal."""

from __future__ import annotations

import os
import select
import sys
import termios

import click

_LINE = 4096


def ask_operator(question: str, limit: float | None) -> str | None:
    """What is typed, without its end of line; None when nothing was in time.

    Args:
        question: what is asked.
        limit: seconds that there are; None for as many as are needed.
    """
    if limit is None:
        answer: str = click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True)
        return answer
    descriptor = sys.stdin.fileno()
    # What was typed to a question that had timed out is no answer to this one.
    termios.tcflush(descriptor, termios.TCIFLUSH)
    click.echo(f"{question} ", nl=False, err=True)
    if not select.select([descriptor], [], [], limit)[0]:
        click.echo(err=True)
        return None
    try:
        line = os.read(descriptor, _LINE)
    except OSError:
        line = b""
    # A terminal that has been closed has not said that anything is done.
    return line.decode(errors="replace").rstrip("\r\n") if line else None
