"""The HTTP API of ``ocpplab-runner csms``, and its page. Needs the extra ``gateway``."""
