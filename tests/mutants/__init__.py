"""Does a scenario notice when a rule is broken? Each rule is broken here on purpose, in the test's process only."""
