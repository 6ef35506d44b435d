"""Traffic of stations, whoever watches it: as events, as calls with their answers, as lines of a live log."""
