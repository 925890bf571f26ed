"""Scenarios played through the node's own engine: only the picture, the clock and the action are simulated.

`World` stands in for whoever plans, conducts and executes, so that it can also be an actor that does it wrongly. Here
nothing does: `Acts` plans what is asked for by `Scene`, `Conduct` proposes it and signs, `Run` goes from stage to
stage, `Executor` verifies, the picture measures, and what fails is taken back.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act import action
from gadfly.act.action import Action
from gadfly.act.action.effect import Edge, State
from gadfly.act.action.effect import Effect as Outcome
from gadfly.act.engine import Acts
from gadfly.act.executing.executor import Executor
from gadfly.act.executing.lease import Authority, Renewal
from gadfly.act.guard import Guard
from gadfly.act.mail.letters import Letters
from gadfly.act.plans.expect import Seen
from gadfly.act.plans.planning import Supplied
from gadfly.act.scene import Scene
from gadfly.act.situation import Fleet as Counts
from gadfly.act.situation import Freeze
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.act import FreezeWindow
from gadfly.errors import Refused
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database
from scenario.catalogue import OWNERS, TOP
from scenario.course import Attempt, Effect
from scenario.fleet import Unit, anything
from scenario.world import Ticket, World

SYMPTOM = "stalled"
"""The word of the picture that stands for whatever a scenario calls its symptom."""


FAR = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


class Inexpressible(Exception):
    """What this actor asks for cannot even be asked of a node: it makes its plans itself."""


class Picture:
    """The :class:`gadfly.act.view.View` over a scenario's fleet; `works` says what counts as well."""

    def __init__(self, world: EngineWorld, clock: VirtualClock) -> None:
        self._world = world
        self._clock = clock
        self.works: Callable[[Unit], bool] = anything

    def see(self, component: str) -> Seen | None:
        unit = self._world.fleet.units.get(component)
        if unit is None:
            return None
        well = self.works(unit)
        return Seen(
            verdict=Verdict.healthy if well else Verdict.down,
            liveness=Liveness.alive if well else Liveness.silent,
            incarnation=1,
            heard=self._clock.monotonic() if well else -1.0,
        )

    def members(self, group: str) -> tuple[Seen, ...]:
        seen = [self.see(unit.name) for unit in self._world.fleet.group(group)]
        return tuple(one for one in seen if one is not None)

    def subject(self, component: str) -> Subject | None:
        unit = self._world.fleet.units.get(component)
        return None if unit is None else _subject(unit)

    def subjects(self) -> Iterator[Subject]:
        return map(_subject, self._world.fleet)

    def standing(self, word: str) -> list[tuple[str, float]]:
        """Nothing calls by itself here: the scenario asks."""
        return []

    def fleet(self) -> Counts:
        return self._world._counts()

    def lost(self, seconds: float) -> int:
        return self._world.lost

    def ask(self, component: str) -> None:
        """What is seen here is always of this moment."""


def _subject(unit: Unit) -> Subject:
    labels = {"region": unit.region, "tier": str(unit.tier), "environment": unit.environment}
    return Subject(name=unit.name, kind=unit.kind, owner=unit.owner, group=unit.group, labels=labels)


def _window(one: Freeze) -> FreezeWindow:
    ends = FAR if one.ends is None else dt.datetime.fromtimestamp(one.ends, dt.UTC)
    return FreezeWindow(
        starts=dt.datetime.fromtimestamp(one.starts, dt.UTC),
        ends=ends,
        on=one.on,
        owner=TOP,
        because=one.because,
    )


class EngineWorld(World):
    """A world in which every act goes through `Acts`. Automations only; what they are given, as the API takes it."""

    def __init__(self, folder: Path, guards: Mapping[str, Guard], **more: Any) -> None:
        super().__init__(folder, guards, **more)
        self._loop = asyncio.new_event_loop()
        self._clock = VirtualClock(self.now)
        self._db = Database(folder / "gadfly.db")
        self._view = Picture(self, self._clock)
        self._authority = Authority()
        key = Ed25519PrivateKey.generate()
        edge = Edge(monotonic=self._clock.monotonic)
        executor = Executor("edge-1", key.public_key(), self._authority, self._clock, edge)
        config = Config(owner=OWNERS)
        scene = Scene(
            config, self._view, self._clock, sight=lambda: self.sight, versions=lambda: self.versions
        )
        self._acts = Acts(
            self._db,
            self.ledger,
            scene,
            executor,
            Letters(self._db, config, self._clock, "edge-1"),
            key,
            self._clock,
            speaks_for=lambda who: (TOP,),
            guards=guards,
            doubt=self.doubt,
        )

    def attempt(
        self,
        by: str,
        units: Sequence[Unit],
        effect: Effect,
        *,
        reach: Sequence[Unit] | None = None,
        expect: Callable[[Unit], bool] = anything,
        says: bool = True,
        approver: str = "",
        answers: bool = True,
        **facts: Any,
    ) -> Attempt:
        """Ask the node for it. What `Scene` makes the plan of are the targets; stages are its own matter."""
        who, by = (by, self._by_hand(by, units, facts)) if ":" in by else ("", by)
        given = {name: facts.pop(name) for name in ("parameters", "data", "inputs") if name in facts}
        facts.pop("cells", None)
        symptom = facts.pop("symptom", "")
        if reach is not None or not answers or facts or by not in self.catalogue.automations:
            raise Inexpressible(by)
        if symptom:
            declared = self.catalogue.automations[by]
            self.catalogue.automations[by] = msgspec.structs.replace(declared, on=f"component.{SYMPTOM}")
        if not self.catalogue.automations[by].targets:
            raise Inexpressible(by)
        self.last = units[0].group if units else self.last
        self._view.works = lambda unit: expect(unit) if unit.state != "gone" else expect is anything
        self._clock.set_wall(self.now)
        touched: set[str] = set()
        before = len(self.attempts)

        async def do(text: str, values: Mapping[str, str], edge: Edge) -> Outcome:
            unit = self.fleet[values["component"]]
            if (
                text.partition(" ")[0] == wanted
            ):  # what takes it back touches nothing: harm is counted at its worst
                touched.add(unit.name)
                effect(unit)
                self.measure()
            return Outcome(state=State.finished, ok=says, words="done")

        kind, _, wanted = self.catalogue.automations[by].run.partition(" ")[0].partition(":")
        known = action.ACTIONS.get(kind)
        action.ACTIONS[kind] = Action(lambda text: None, lambda text, values, edge: text, do)
        try:
            held = self._run(self._asked(by, [unit.name for unit in units], Supplied(**given), approver, who))
        finally:
            if known is None:
                action.ACTIONS.pop(kind)
            else:
                action.ACTIONS[kind] = known
            self.now = max(self.now, self._clock.wall())
        assert len(self.attempts) == before
        found = Attempt(held, len(touched))
        self.attempts.append(found)
        self.measure()
        return found

    def _by_hand(self, who: str, units: Sequence[Unit], facts: dict[str, Any]) -> str:
        """The automation with which somebody does this by hand: by their own grant, if they have one."""
        if not units or "action" not in facts or not who.startswith(("person:", "program:")):
            raise Inexpressible(who)
        name = f"by-hand-{facts['action'].replace(':', '-')}"
        run = f"{facts.pop('action')} {facts.pop('argument', '')}".strip()
        about = {key: facts.pop(key) for key in ("destructive", "environment", "crosses") if key in facts}
        self.declare(
            name,
            run,
            owner=units[0].owner,
            on=f'group = "{units[0].group}"',
            undo=facts.pop("undo", "") or "irreversible",
            **about,
        )
        return name

    async def _asked(
        self, by: str, names: Sequence[str], supplied: Supplied, approver: str, who: str
    ) -> frozenset[str]:
        """By what it was held, if it was. `who` asked by hand; empty: its own trigger called."""
        catalogue = self.catalogue
        self._acts.prepare(
            Config(
                owner=OWNERS,
                automation=catalogue.automations,
                grant=catalogue.grants,
                freeze={one.name: _window(one) for one in catalogue.freezes},
                gate=catalogue.gate,
            )
        )()
        if not names:
            return frozenset({"targets"})  # nothing is selected, so nothing can be asked for
        try:
            _, decision = await self._acts.trigger(by, who, names, "as then", supplied)
            if decision.waits and approver and decision.request is not None:
                with suppress(Refused):  # who may not say yes has said nothing
                    _, decision = await self._acts.approve(decision.request, approver)
        except Refused:
            return frozenset({"targets"})
        while running := list(self._acts._running.values()):
            await asyncio.wait(running, timeout=0.002)
            if not all(task.done() for task in running):
                self._authority.renew(self._clock.monotonic(), Renewal(mark="play", lasts=30.0))
                await self._clock.advance(1.0)
            await asyncio.sleep(0)
        return frozenset(one.guard for one in decision.refusals)

    def _run(self, work: Coroutine[Any, Any, frozenset[str]]) -> frozenset[str]:
        self._authority.renew(self._clock.monotonic(), Renewal(mark="play", lasts=30.0))
        return self._loop.run_until_complete(work)

    def obtain(self, by: str, units: Sequence[Unit], *, approver: str = "") -> Ticket | None:
        """A node hands its permissions to nobody."""
        raise Inexpressible(by)

    def close(self) -> None:
        """Let go of everything."""
        self._loop.run_until_complete(self._acts.close())
        self._db.close()
        self._loop.close()
        super().close()
