"""The built-in verbs, facets and matchers, registered through the hooks that a plugin uses."""
