"""ocpplab-runner: a declarative scenario test runner for EV charging."""

__version__ = "0.1.0"
