"""The command line: one thin module per command, imported only when it is called."""

from ocpplab_runner.cli.app import main

__all__ = ["main"]
