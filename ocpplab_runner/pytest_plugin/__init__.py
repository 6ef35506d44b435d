"""Scenarios in pytest: ``pytest scenarios`` collects their files, and Python tests have a ``scenario`` to call.

Whoever has this package installed has this plugin, so it costs nothing until there is a scenario: the language is
loaded for the first file that is one. Only what pytest documents is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ocpplab_runner.pytest_plugin.fixtures import ScenarioCall
    from ocpplab_runner.pytest_plugin.parts.charger import ChargerCall
    from ocpplab_runner.pytest_plugin.parts.csms import Csms
    from ocpplab_runner.pytest_plugin.parts.part import World
    from ocpplab_runner.pytest_plugin.session import Scenarios

#: The ini option that names files and directories of scenarios.
PATHS = "ocpplab_scenarios"
_SUFFIXES = (".yaml", ".yml")
_SCENARIOS = pytest.StashKey["Scenarios"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all of them named after us."""
    group = parser.getgroup("ocpplab", "OCPP scenarios")
    group.addoption("--ocpplab-target", metavar="NAME", help="where scenarios run: simulated, or one of ocpplab.yaml")
    group.addoption("--ocpplab-seed", metavar="N", type=int, default=0, help="of everything random in scenarios")
    group.addoption(
        "--ocpplab-strict", action="store_true", help="a violation of what OCPP forbids (must) fails a scenario"
    )
    group.addoption(
        "--ocpplab-var", metavar="NAME=VALUE", action="append", default=[], help="override a variable of scenarios"
    )
    group.addoption(
        "--ocpplab-plugin", metavar="MODULE", action="append", default=[], help="load a plugin of the runner"
    )
    parser.addini(PATHS, "files and directories of scenarios, relative to the root", type="linelist", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A scenario file, if this is one."""
    if file_path.suffix not in _SUFFIXES:
        return None
    from ocpplab_runner.pytest_plugin.files import ScenarioPaths

    if not ScenarioPaths.of(parent.config).takes(file_path, named=parent.session.isinitpath(file_path)):
        return None
    from ocpplab_runner.pytest_plugin.items import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path, scenarios=scenarios_of(parent.config))


def scenarios_of(config: pytest.Config) -> Scenarios:
    """What runs the scenarios of this process; made when there is the first."""
    from ocpplab_runner.pytest_plugin.session import Scenarios

    if _SCENARIOS not in config.stash:
        config.stash[_SCENARIOS] = Scenarios(config)
    return config.stash[_SCENARIOS]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell plugins of the runner which cases there are."""
    if _SCENARIOS in session.config.stash:
        from ocpplab_runner.pytest_plugin.items import ScenarioItem

        cases = [item.case for item in session.items if isinstance(item, ScenarioItem)]
        session.config.stash[_SCENARIOS].collected(cases)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what a target has begun."""
    if _SCENARIOS in config.stash:
        config.stash[_SCENARIOS].close()
        del config.stash[_SCENARIOS]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A case that could not be judged is an error, not a failure; a skip stands where the scenario does."""
    report = yield
    # Without a scenario in the session nothing of ours is imported for its tests.
    if call.when == "call" and _SCENARIOS in item.config.stash:
        from ocpplab_runner.pytest_plugin.items import CaseNode

        if isinstance(item, CaseNode):
            item.amend(report)
    return report


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> ScenarioCall:
    """Run a scenario, a text or a path, and fail as it fails; gives a ``ScenarioRun``."""
    from ocpplab_runner.pytest_plugin.fixtures import ScenarioCall

    return ScenarioCall(scenarios_of(request.config), request.path.parent)


@pytest.fixture
def _ocpplab_world() -> Iterator[World]:
    """What ``charger`` and ``csms`` of one test share."""
    from ocpplab_runner.pytest_plugin.parts.part import World

    world = World()
    yield world
    world.close()


@pytest.fixture
def charger(request: pytest.FixtureRequest, _ocpplab_world: World) -> ChargerCall:
    """Switch simulated chargers on: ``charger(url, ocpp="1.6")``."""
    from ocpplab_runner.pytest_plugin.parts.charger import ChargerCall

    return ChargerCall(_ocpplab_world, scenarios_of(request.config).plugins.registry)


@pytest.fixture
def csms(request: pytest.FixtureRequest, _ocpplab_world: World) -> Csms:
    """The built-in CSMS, listening at ``csms.url``."""
    from ocpplab_runner.pytest_plugin.parts.csms import Csms

    return Csms(_ocpplab_world, scenarios_of(request.config).plugins.registry)
