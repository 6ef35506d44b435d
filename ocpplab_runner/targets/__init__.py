"""Where scenarios run: each kind of target is a small module behind :mod:`ocpplab_runner.plugin.target`."""
