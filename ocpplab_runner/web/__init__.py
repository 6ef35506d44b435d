"""HTTP servers of ours: sockets, limits, strict JSON, documentation, pages. They need the extra ``gateway``."""
