from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from ocpplab_runner import clock
from ocpplab_runner.targets.leases import Lease, Leases, NothingLeftError

Choose = Callable[[Callable[[str], bool]], tuple[list[str], list[str]] | None]


def all_of(*names: str) -> Choose:
    def choose(free: Callable[[str], bool]) -> tuple[list[str], list[str]] | None:
        found = [name for name in names if free(name)]
        return (found, found) if len(found) == len(names) else None

    return choose


def any_of(*names: str) -> Choose:
    def choose(free: Callable[[str], bool]) -> tuple[list[str], list[str]] | None:
        found = [name for name in names if free(name)][:1]
        return (found, found) if found else None

    return choose


async def take(leases: Leases, choose: Choose) -> tuple[Lease, list[str]]:
    async with asyncio.timeout(10):
        return await leases.borrow(choose)


async def cannot(leases: Leases, choose: Choose) -> bool:
    try:
        async with asyncio.timeout(0.2):
            await leases.borrow(choose)
    except TimeoutError:
        return True
    return False


def in_a_child(leases: Leases, choose: Choose) -> tuple[int, int]:
    """Borrow in a forked process, which then waits to be killed; its pid and a pipe that tells when it has."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            clock.run(take(leases, choose), virtual=False)
            os.write(writing, b"+")
            signal.pause()
        finally:
            os._exit(0)
    os.close(writing)
    return pid, reading


def test_what_is_lent_is_free_again_when_given_back() -> None:
    """Also within one process, and giving back twice does no harm to the next one."""

    async def main() -> None:
        leases = Leases()
        lease, _ = await take(leases, all_of("a", "b"))
        assert await cannot(leases, all_of("B"))
        lease.give_back()
        other, _ = await take(leases, all_of("b"))
        lease.give_back()
        assert await cannot(leases, all_of("b"))
        other.give_back()
        assert not await cannot(leases, all_of("b"))

    clock.run(main())


def test_what_is_only_looked_at_stays_free() -> None:
    """A thing that was asked for and not taken is no longer held."""

    async def main() -> None:
        leases = Leases()
        _, first = await take(leases, any_of("a", "b", "c"))
        _, second = await take(leases, any_of("a", "b", "c"))
        assert (first, second) == (["a"], ["b"])
        with pytest.raises(LookupError):
            await leases.borrow(lambda free: (_ for _ in ()).throw(LookupError(free("c"))))
        _, third = await take(leases, any_of("a", "b", "c"))
        assert third == ["c"]

    clock.run(main())


def test_what_a_dead_process_had_is_lent_to_nobody() -> None:
    """A worker that is killed may have left something open there; whoever needs just that is told."""
    leases = Leases()
    pid, reading = in_a_child(leases, all_of("a"))
    try:
        assert os.read(reading, 1) == b"+"
        assert clock.run(cannot(leases, all_of("a", "b")), virtual=False)
        _, found = clock.run(take(leases, any_of("a", "b")), virtual=False)
        assert found == ["b"]
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reading)
    with pytest.raises(NothingLeftError, match="a"):
        clock.run(take(leases, all_of("a", "b")), virtual=False)
    _, found = clock.run(take(leases, any_of("a", "c")), virtual=False)
    assert found == ["c"]


def test_what_is_not_given_back_is_lent_to_nobody() -> None:
    """Only those that are named; who waits for one that is merely lent goes on waiting."""

    async def main() -> None:
        leases = Leases()
        lease, _ = await take(leases, all_of("a", "b", "c"))
        lease.give_back(but=["A"])
        _, found = await take(leases, any_of("a", "b"))
        assert found == ["b"]
        assert await cannot(leases, any_of("a", "b"))
        with pytest.raises(NothingLeftError, match="a"):
            await take(leases, all_of("a"))

    clock.run(main())


def test_who_needs_many_is_not_passed_by() -> None:
    """While a case waits for two things, no other takes the one that has become free."""

    async def main() -> None:
        leases = Leases()
        one, _ = await take(leases, all_of("a"))
        two, _ = await take(leases, all_of("b"))
        big = asyncio.create_task(take(leases, all_of("a", "b")))
        await asyncio.sleep(1)
        one.give_back()
        small = asyncio.create_task(take(leases, any_of("a", "b")))
        await asyncio.sleep(1)
        assert not small.done()
        two.give_back()
        lease, _ = await big
        assert not small.done()
        lease.give_back()
        await small

    clock.run(main())
