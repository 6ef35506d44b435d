"""The built-in matchers."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import MatcherSpec

MATCHER_SPECS: tuple[MatcherSpec, ...] = (
    MatcherSpec(
        "$any_of",
        "Equal to one of these.",
        {"type": "array", "minItems": 1},
        "{$any_of: [Accepted, Rejected]}",
    ),
    MatcherSpec(
        "$matches",
        "The whole text matches this regular expression.",
        {"type": "string"},
        "{$matches: 'CP-.*'}",
    ),
    MatcherSpec("$gte", "A number (or time) not below this.", {"type": ["number", "string"]}, "{$gte: 100}"),
    MatcherSpec("$lte", "A number (or time) not above this.", {"type": ["number", "string"]}, "{$lte: 100}"),
    MatcherSpec("$gt", "A number (or time) above this.", {"type": ["number", "string"]}, "{$gt: 100}"),
    MatcherSpec("$lt", "A number (or time) below this.", {"type": ["number", "string"]}, "{$lt: 100}"),
    MatcherSpec(
        "$between",
        "A number (or time) from the first to the second, both included.",
        {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2},
        "{$between: [10, 20]}",
    ),
    MatcherSpec("$absent", "The field is not there.", {"const": True}, "{$absent: true}"),
    MatcherSpec("$present", "The field is there, whatever its value.", {"const": True}, "{$present: true}"),
    MatcherSpec("$not", "Anything but this.", {}, "{$not: Rejected}"),
    MatcherSpec(
        "$contains",
        "A list in which each of these is found, in any order; or a text with this in it.",
        {},
        "{$contains: [{key: HeartbeatInterval}]}",
    ),
)
