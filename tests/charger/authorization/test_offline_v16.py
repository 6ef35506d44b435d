"""Cards while the station is offline: OCPP 1.6 section 3.5."""

from ocpplab_runner import clock
from ocpplab_runner.ocppj import NO_REPLY
from tests.charger.rig import rig


def test_offline_cards_follow_list_cache_and_the_rule_for_unknown_ones():
    """Offline the list decides, then the cache, then AllowOfflineTxForUnknownId."""

    async def main():
        given = {
            "evses": 4,
            "settings": {"allow_offline_tx_for_unknown_id": True},
            "local_list": {"version": 1, "entries": {"BAD": "Blocked", "GOOD": "Accepted"}},
            "cache": {"CACHED": "Accepted", "OLD": {"status": "Accepted", "expired_for": "1h"}},
        }
        async with rig(given) as it:
            await it.do("network", state="down")
            for card in ("BAD", "GOOD", "CACHED", "OLD", "UNKNOWN"):
                await it.do("authorize_id_tag", id_tag=card)
            assert it.verdicts() == [
                "local_list Blocked",
                "local_list Accepted",
                "cache Accepted",
                "cache Expired",
                "offline Accepted",
            ]

    clock.run(main())


def test_offline_nobody_without_local_authorize_offline():
    """Without LocalAuthorizeOffline neither list nor cache accepts a card."""

    async def main():
        given = {"settings": {"local_authorize_offline": False}, "cache": {"A": "Accepted"}}
        async with rig(given) as it:
            await it.do("network", state="down")
            await it.do("authorize_id_tag", id_tag="A")
            assert it.verdicts() == ["offline Invalid"]

    clock.run(main())


def test_network_lost_while_authorizing_falls_back_to_the_offline_rules():
    """A card that was being asked when the network failed is judged by the offline rules."""

    async def main():
        given = {"settings": {"allow_offline_tx_for_unknown_id": True}}
        async with rig(given, answers={"Authorize": lambda call: NO_REPLY}) as it:
            await it.do("plug_connector")
            await it.do("authorize_id_tag", id_tag="A")
            assert it.verdicts() == []
            await it.do("network", state="down")
            assert it.verdicts() == ["offline Accepted"]
            assert it.charger.snapshot()["evses"][0]["transaction"]["id_tag"] == "A"

    clock.run(main())
