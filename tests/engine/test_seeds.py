"""Seeds of attempts."""

from ocpplab_runner.engine.planning.seeds import case_seed


def test_seed_is_stable_across_versions_of_the_runner() -> None:
    """A seed printed in a report must give the same run later."""
    assert case_seed(0, "a.yaml::A [ocpp1.6]", 1) == 3667590397476921


def test_seed_differs_by_run_case_and_attempt() -> None:
    """Every part of what an attempt is enters its seed."""
    seeds = {case_seed(run, case, attempt) for run in (0, 1) for case in ("a", "b") for attempt in (1, 2)}
    assert len(seeds) == 8


def test_seed_fits_into_a_json_number() -> None:
    """Readers that keep numbers as doubles lose nothing."""
    assert all(0 <= case_seed(run, "x", 1) < 2**53 for run in range(100))
