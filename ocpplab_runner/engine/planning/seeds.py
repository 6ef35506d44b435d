"""Where a case's randomness comes from."""

from __future__ import annotations

from hashlib import blake2b

#: So that a seed survives every JSON reader.
_BITS = 53


def case_seed(run_seed: int, case_id: str, attempt: int) -> int:
    """The seed of one attempt of one case: the same on every machine, whatever else runs."""
    # surrogatepass: the name of a file may hold bytes that are no text, which Python reads as lone surrogates.
    digest = blake2b(f"{run_seed}\0{case_id}\0{attempt}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - _BITS)
