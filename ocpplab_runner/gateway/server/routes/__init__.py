"""The HTTP routes: thin, one module per resource. What they do is done by the fleet and its organizations."""
