"""Beginnings: a scenario that says what is to be tested, and a plugin of one's own."""
