"""What all steps of one attempt share: the ledger, the stage, the variables, and where records go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.judging.intended_violations import IntendedViolations
from ocpplab_runner.engine.judging.programmed import ProgrammedReplies
from ocpplab_runner.engine.judging.tally import Tally
from ocpplab_runner.engine.judging.transaction_ids import TransactionIds
from ocpplab_runner.engine.judging.undelivered import Sendings
from ocpplab_runner.engine.matching.present import Presents
from ocpplab_runner.engine.matching.windows import Windows
from ocpplab_runner.engine.planning.options import Ask, SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan, PlannedCase
from ocpplab_runner.engine.planning.preflight import unbuilt_of
from ocpplab_runner.engine.planning.written import case_secrets, is_secret
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.recording.trail import Trail
from ocpplab_runner.engine.running.calls import Calls
from ocpplab_runner.engine.running.cancellation import Cancellation
from ocpplab_runner.engine.running.computed import Computed
from ocpplab_runner.engine.running.observers import Observers
from ocpplab_runner.engine.running.outlet import Outlet
from ocpplab_runner.engine.running.scope import Scope
from ocpplab_runner.engine.running.withheld import Withheld, saves
from ocpplab_runner.plugin.abilities import settles
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.plugin.former_protocols import SettlingStage
from ocpplab_runner.plugin.results import EventRecord, LogRecord, Record
from ocpplab_runner.plugin.stage import BlockedError, Stage, StageRequest, misspelt
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The name of the only charger of a scenario that gives none.
DEFAULT_CHARGER = "charger"


class CaseRun:
    """One attempt of one case.

    Attributes:
        case: what it is.
        plan: where it runs.
        options: how it runs.
        random: its own randomness.
        began: seconds on the run's clock; times in records count from here.
        ledger: everything observed.
        windows: of the scenario's own thread of steps.
        scope: variables and expressions.
        chargers: names of its chargers, the default one first.
        calls: the CSMS's calls whose answers no expectation looks at.
        programmed: the answers of the CSMS that its steps have programmed.
        intended: the violations that raw steps have asked for.
        cancellation: whether somebody has asked for the case's end.
        sendings: the messages of transactions, and which of them the CSMS has answered.
        tally: whether its steps have done and judged anything.
        trail: which step was running when.
        observers: the plugins that hear of it and check it.
    """

    def __init__(
        self,
        case: PlannedCase,
        plan: Plan,
        options: SuiteOptions,
        outlet: Outlet,
        *,
        seed: int,
        ask: Ask | None,
        cancellation: Cancellation,
    ) -> None:
        self.case = case
        self._id = case.info["id"]
        self.plan = plan
        self.options = options
        self.random = Random(seed)
        self.began = clock.now()
        self._date_began = None if clock.is_virtual() else clock.utcnow()
        self._stage: Stage | None = None
        self._settling: SettlingStage | None = None
        self._outlet = outlet
        steps = (*case.scenario.steps, *case.scenario.finally_)
        secret = saves(steps, lambda name: is_secret(case.scenario, name))
        self._withheld = Withheld(self._hand_on) if secret else None
        self._ask = ask
        self.cancellation = cancellation
        self.chargers: tuple[str, ...] = tuple(case.scenario.chargers) or (DEFAULT_CHARGER,)
        self.redactor = outlet.redactor
        self.redactor.add(list(case_secrets(case.written, plan.target, options)))
        # A stream of its own: how often charger and verbs draw does not change what expressions give.
        self.scope = Scope(case, Random(f"{seed}/expressions"))
        self.computed = Computed(plan.plugins.registry, case.version)
        patience = plan.target.capabilities.call_timeout
        foreign = plan.target.capabilities.built(case.version).csms is None
        time = asyncio.get_running_loop().time
        self.ledger = Ledger(now=time, shown=self._shown, patience=patience, minds_chargers=foreign)
        self.presents = Presents(self.ledger, plan.plugins.registry.facets)
        for name in self.chargers:
            self.ledger.add_charger(name, case.version)
        if case.version is OcppVersion.V16:
            self.ledger.subscribe(TransactionIds(self.ledger.record).event)
        self.windows = Windows(lambda: self.ledger.position, clock.now)
        unbuilt = unbuilt_of(case.scenario, case.version, plan.target.capabilities, plan.plugins.registry)
        self.calls = Calls(self.ledger, lambda: self.default_within, unbuilt)
        self.programmed = ProgrammedReplies()
        self.intended = IntendedViolations()
        self.sendings = Sendings(self.ledger)
        self.tally = Tally(case.scenario, plan.plugins.registry)
        self.trail = Trail(lambda: self.ledger.position, clock.now)
        self.observers = Observers(case, plan, self.ledger, self.chargers, self.began, self.log)
        if options.events:
            self.ledger.subscribe(self._event)

    @property
    def stage(self) -> Stage:
        """The case's world; only after :meth:`set_up`."""
        assert self._stage is not None, "the stage is not set up"
        return self._stage

    @property
    def acting_takes_time(self) -> bool:
        """Whether the run's clock goes on while a command is carried out."""
        return self._settling is not None

    @property
    def is_set_up(self) -> bool:
        """Whether there is a stage."""
        return self._stage is not None

    @property
    def default_within(self) -> float:
        """Seconds that an expectation waits when neither it nor its file says."""
        return self.plan.target.capabilities.default_within

    async def set_up(self) -> None:
        """Let the target bring the world up to the given state; ``since: start`` begins after it."""
        scenario = self.case.scenario
        self.scope.begin()
        for name in self.case.variables:
            self.keep_secret(name, self.scope.get(name))
        given = {name: scenario.chargers.get(name, {}) for name in self.chargers}
        written = {
            "chargers": given,
            "csms": scenario.csms,
            "state": scenario.state,
            "files": scenario.files,
            "uploads": scenario.uploads,
        }
        computed = {part: self.scope.resolve(value) for part, value in written.items()}
        if computed != written:
            # What is secret of the text itself is known already.
            self.redactor.add_sensitive(computed)
            self.computed.given(written, computed)
        csms = computed["csms"]
        self.intended.given(csms.get("replies"))
        self.programmed.given(csms)
        request = StageRequest(
            chargers=computed["chargers"],
            csms=csms,
            state=_state(computed["state"]),
            version=self.case.version,
            record=self._observe,
            random=self.random,
            ask=self.ask_in_time if self.options.interactive and self._ask is not None else None,
            files=computed["files"],
            uploads=computed["uploads"],
        )
        self._stage = await self.plan.target.set_up(request)
        kind: type = type(self._stage)
        if wrong := misspelt(kind, Stage):
            raise TypeError(wrong)
        self._settling = self._stage if settles(self._stage) else None
        self.ledger.set_watermark(self._stage.watermark)
        # What the recipe has set off at this instant belongs to it, and not to the first step.
        await clock.settled()
        self.ledger.first_step = self.windows.mark_start().seq

    async def settled(self) -> None:
        """Return when what was set off so far has shown, as far as anybody can tell."""
        await clock.settled()
        if self._settling is not None:
            await self._settling.settle()

    async def close(self) -> list[str]:
        """Take the world down; returns what is worth a warning."""
        stage, self._stage, self._settling = self._stage, None, None
        if stage is None:
            return []
        try:
            return list(await stage.close())
        except Exception as error:
            return [f"taking the stage down raised {type(error).__name__}: {error}"]

    def keep_secret(self, name: str, value: Any) -> None:
        """Hide the value of a variable from now on, if it is one to hide."""
        if is_secret(self.case.scenario, name):
            self.redactor.add(value)

    def emit(self, record: Record) -> None:
        """Hand a record on, redacted."""
        if self._withheld is None:
            self._hand_on(record)
        else:
            self._withheld.put(record)

    def _hand_on(self, record: Record) -> None:
        if record["type"] == "event":
            self._outlet.event(record)
        else:
            self._outlet.record(record)

    def release(self) -> None:
        """Hand on what has waited for secrets to become known; from now on nothing waits."""
        withheld, self._withheld = self._withheld, None
        if withheld is not None:
            withheld.release()

    def log(self, text: str) -> None:
        """Put a line into the reports."""
        self.emit(LogRecord(type="log", case=self.case.info["id"], at=self.since_began(clock.now()), text=text))

    def since_began(self, moment: float) -> float:
        """A time on the run's clock as records have it: a real clock's own zero means nothing to a reader."""
        return round(moment - self.began, 6)

    def wall_time(self, moment: float) -> str | None:
        """The date and time of a moment on the run's clock, for others' logs have that; None where time is virtual."""
        if self._date_began is None:
            return None
        return clock.timestamp(self._date_began + timedelta(seconds=moment - self.began))

    async def ask(self, question: str) -> str:
        """Put a question to the operator; virtual time stands still meanwhile.

        Raises:
            BlockedError: nobody is there.
        """
        return await self.ask_in_time(question, None) or ""

    async def ask_in_time(self, question: str, limit: float | None) -> str | None:
        """As :meth:`ask`, of an operator who has so many seconds; None when there was no answer in time."""
        ask = self._ask
        if ask is None:
            raise BlockedError("nobody is there to answer a prompt")
        # Who is asked has seen what it is about.
        self.release()
        question = self.redactor.redact_text(question)
        if clock.is_virtual():
            with clock.hold():
                return ask(question, limit)
        # On a real clock the other side goes on meanwhile, and what it sends is to be read.
        return await asyncio.get_running_loop().run_in_executor(None, ask, question, limit)

    def _shown(self, event: Event) -> Event:
        fields = self.redactor.redact(event.fields)
        name = event.name and self.redactor.redact_text(event.name)
        return event if fields is event.fields and name == event.name else replace(event, fields=fields, name=name)

    def _observe(self, observation: Observation) -> None:
        self.ledger.record(observation)

    def _event(self, event: Event) -> None:
        shown = event.to_json()
        # A virtual clock begins at 0 with its case: there is nothing to subtract, and events are many.
        if self.began:
            for key in ("at", "arrived"):
                if key in shown:
                    shown[key] = self.since_began(shown[key])
        if (wall_time := self.wall_time(event.at)) is not None:
            shown["wall_time"] = wall_time
        record: EventRecord = {"type": "event", "case": self._id, "event": shown}
        if self._withheld is None:
            self._outlet.event(record)
        else:
            self._withheld.put(record)


def _state(state: Any) -> tuple[str, Mapping[str, Any]] | None:
    if state is None:
        return None
    if isinstance(state, str):
        return state, {}
    name, fields = next(iter(state.items()))
    return str(name), fields or {}
