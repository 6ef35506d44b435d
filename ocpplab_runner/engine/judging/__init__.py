"""From what was written down, whether an expectation looks at it or not, to the verdict of a case."""
