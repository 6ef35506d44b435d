"""What functional blocks do for each other: each asked of the context by its key, in the module of its kind."""
