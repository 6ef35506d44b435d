"""Drivers of CSMSs that come with the runner, and what a target does with any."""
