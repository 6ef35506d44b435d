"""What plugins are told of a case that runs, and what their checks say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.calling import PluginError, traceback_of
from ocpplab_runner.plugin.case import CheckFailure
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import CaseInfo
from ocpplab_runner.plugin.stage import BlockedError
from ocpplab_runner.vocabulary.versions import OcppVersion


class Observers:
    """Tells the plugins; what one of them raises is kept, and hinders nobody.

    It is what they see of the case, too: see :class:`ocpplab_runner.plugin.case.CaseView`.

    Attributes:
        crash: what was raised first, with the plugin's name; empty as long as all is well.
        chargers, began: see ``CaseView``.
    """

    def __init__(
        self,
        case: PlannedCase,
        plan: Plan,
        ledger: Ledger,
        chargers: tuple[str, ...],
        began: float,
        log: Callable[[str], None],
    ) -> None:
        self._case = case
        self._capabilities = plan.target.capabilities
        self._hooks = plan.plugins.hooks
        self._ledger = ledger
        self.log = log
        self.chargers = chargers
        self.began = began
        self.crash = ""
        if self._hooks.hears("ocpplab_event"):
            ledger.subscribe(lambda event: self.tell("event", event=event))

    @property
    def info(self) -> CaseInfo:
        """Who the case is."""
        return self._case.info

    @property
    def version(self) -> OcppVersion:
        """Its OCPP version."""
        return self._case.version

    def events(self) -> Iterator[Event]:
        """Everything that has been observed so far, in order."""
        return self._ledger.since(0)

    def sees(self, fact: str) -> bool:
        """Whether the target sees that fact."""
        return bool(self._capabilities.facts.get(fact))

    def tell(self, what: str, **arguments: Any) -> None:
        """Call a hook that answers nothing (``step_begin``)."""
        hook = f"ocpplab_{what}"
        if self._hooks.hears(hook):
            try:
                self._hooks.call(hook, case=self, **arguments)
            except PluginError as error:
                self._crashed(error)

    def check(self) -> Sequence[CheckFailure]:
        """Ask every check; raises BlockedError where one cannot judge."""
        found: list[CheckFailure] = []
        try:
            for name, failures in self._hooks.ask_each("ocpplab_check_case", CheckFailure, BlockedError, case=self):
                found += (CheckFailure(f"{one.message} (check of the plugin {name!r})", one.event) for one in failures)
        except PluginError as error:
            self._crashed(error)
        return found

    def _crashed(self, error: PluginError) -> None:
        if not self.crash:
            self.crash = str(error)
            self.log(traceback_of(error.__cause__ or error))
