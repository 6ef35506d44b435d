"""What was observed, written down in the order of its arrival, and which step was running then."""
