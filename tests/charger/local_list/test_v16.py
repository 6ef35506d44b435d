"""The local list in OCPP 1.6: section 5.15."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.core.services.authorization import LOCAL_LIST
from tests.charger.rig import rig


def test_local_list():
    """Version, full and differential updates, and each refusal."""

    async def main():
        given = {
            "local_list": {"version": 3, "entries": {"A": "Accepted"}},
            "configuration": {"SendLocalListMaxLength": "2"},
            "local_list_max": 3,
        }
        card = {"idTagInfo": {"status": "Accepted"}}

        async with rig(given) as it:

            async def send(version, kind, *entries):
                answer = await it.call(
                    "SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=list(entries)
                )
                return answer["status"]

            assert await it.call("GetLocalListVersion") == {"listVersion": 3}
            assert await send(3, "Differential", {"idTag": "B", **card}) == "VersionMismatch"
            assert await send(4, "Differential", {"idTag": "B", **card}, {"idTag": "A"}) == "Accepted"
            assert await send(5, "Full", *({"idTag": f"C{n}", **card} for n in range(3))) == "Failed"
            assert await send(5, "Full", {"idTag": "D"}) == "Failed"
            assert await it.call("GetLocalListVersion") == {"listVersion": 4}
            assert await send(6, "Differential", {"idTag": "E", **card}, {"idTag": "F", **card}) == "Accepted"
            assert await send(7, "Differential", {"idTag": "G", **card}) == "Failed"
            assert await it.call("SendLocalList", listVersion=8, updateType="Full") == {"status": "Accepted"}
            assert len(it.charger.context.ask(LOCAL_LIST).entries) == 0

    clock.run(main())


@pytest.mark.parametrize("given", [{"features": ["Core"]}, {"settings": {"local_list_enabled": False}}])
def test_local_list_absent(given):
    """Without the profile, or with LocalAuthListEnabled false, the version is -1 and a list NotSupported."""

    async def main():
        async with rig(given) as it:
            assert await it.call("GetLocalListVersion") == {"listVersion": -1}
            answer = await it.call("SendLocalList", listVersion=1, updateType="Full")
            assert answer == {"status": "NotSupported"}

    clock.run(main())
