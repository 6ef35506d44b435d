"""A recording written anew as a scenario."""
