"""The target ``simulated``: a built-in charger and the built-in CSMS, over real WebSockets on loopback."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from ocpplab_runner.csms import BuiltInCsms
from ocpplab_runner.plugin.stage import Stage, StageRequest
from ocpplab_runner.targets.capabilities import simulated_capabilities
from ocpplab_runner.targets.charger_host import ChargerHost, hosts_for, switch_off
from ocpplab_runner.targets.named import NamedTarget
from ocpplab_runner.targets.observing import CsmsEnd
from ocpplab_runner.targets.secure import ADDRESS, OTHER_ADDRESS, SecureWorld, with_password
from ocpplab_runner.targets.sides import BuiltInSide
from ocpplab_runner.targets.stage import CaseStage, PunctualStage, charger_configs, csms_config, own_random
from ocpplab_runner.targets.token_map import TokenMap

#: Seconds that each stage of a state's recipe may take: a long Pending costs nothing on a virtual clock.
_LIMIT_VIRTUAL = 3600.0
_LIMIT_REAL = 30.0
_HOST = "127.0.0.1"


class SimulatedTarget(NamedTarget):
    """Both ends are ours.

    Args:
        name: as chosen on the command line.
        realtime: use the real clock instead of the virtual one.
    """

    def __init__(self, name: str = "simulated", *, realtime: bool = False) -> None:
        super().__init__(name, simulated_capabilities(virtual_clock=not realtime))

    async def set_up(self, request: StageRequest) -> Stage:
        """Start a CSMS and the chargers, and bring the first charger into the given state.

        Raises:
            InfrastructureError: the state was not reached.
            ValueError: the given data makes no sense.
        """
        configs = {name: with_password(config) for name, config in charger_configs(request).items()}
        doing_tls = {name: given.get("tls") for name, given in request.chargers.items()}
        names = {config.identity: name for name, config in configs.items()}
        csms = BuiltInCsms(
            replace(
                csms_config(request, ((config.identity, config) for config in configs.values())),
                address=ADDRESS,
                other_address=OTHER_ADDRESS,
            ),
            observer=CsmsEnd(names, request.record),
            random=own_random(request),
            # The chargers are made for the case: what they say cannot be about a CSMS before this one.
            first_csms=True,
        )
        await csms.start(_HOST, 0, versions=[request.version])
        secure = SecureWorld(csms, request.version, request.csms.get("tls"))
        configs = {name: secure.equip(config, doing_tls[name]) for name, config in configs.items()}
        kind = CaseStage[ChargerHost] if self._capabilities.virtual_clock else PunctualStage[ChargerHost]
        stage = kind(BuiltInSide(csms, secure=secure), TokenMap({}, request.version))
        async with AsyncExitStack() as undo:
            undo.push_async_callback(csms.stop)
            undo.push_async_callback(switch_off, stage.chargers, stage.complaints)
            stage.chargers |= hosts_for(
                configs,
                request,
                url=f"ws://{_HOST}:{csms.port}/ocpp",
                reach=lambda name: partial(secure.reach, given=doing_tls[name]),
                introduce=names.__setitem__,
            )
            await stage.begin(request.state, _LIMIT_VIRTUAL if self._capabilities.virtual_clock else _LIMIT_REAL)
            stage.undo = undo.pop_all()
        stage.serve_files(request, lists=csms.authorities.lists)
        return stage
