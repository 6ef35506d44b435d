"""The parts by themselves: what can be done with a charger or a CSMS without a scenario; ``cli`` prints it."""
