"""Why an expectation has failed, for people."""
