"""From checked scenarios to the cases of a run; what cannot run is known before it begins."""
