"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, and whether Hypothesis has made its tables before: neither is
# a fault of what is tested.
settings.register_profile("ocpplab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ocpplab")
