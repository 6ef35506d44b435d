"""Profiles in another process of the station."""

import pytest

from ocpplab_runner import clock
from tests.charger.rig import rig
from tests.charger.smart_charging.profiles import power, set_profile
from tests.charger.test_persistence import killed


@pytest.mark.parametrize("fields", [{"kind": "Relative"}, {"purpose": "TxProfile"}])
def test_goes_on_in_another_process(fields):
    """Profiles are there again, count from when the transaction has begun, and end as they would have."""

    async def main():
        async with rig({"evses": 1}) as it:
            await it.do("start_session", id_tag="A")
            assert await set_profile(it, 1, 6000, (100, 3000), **fields) == "Accepted"
            await it.wait(50)
            await killed(it)
            assert power(it) == 6000
            await it.wait(50)
            assert power(it) == 3000

    clock.run(main())
