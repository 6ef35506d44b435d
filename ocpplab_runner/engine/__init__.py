"""Plan → run → verdict: the step engine, its workers, and the suite that drives them."""
