"""The way that one drill takes: what it stands for, and who hears of it.

A failure of a rule is fed to the rule, one of a component to the alerts, one of a route to that route; from
there all three go on alike. An automation is not told but stopped.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from gadfly import hours
from gadfly.act import stop_book
from gadfly.act.gate import decide
from gadfly.act.stop import act_of
from gadfly.act.synthetic import sound
from gadfly.alert import outbox
from gadfly.alert.escalate import Step as Contact
from gadfly.alert.escalate import address
from gadfly.alert.outbox import Letter as Sealed
from gadfly.alert.reported import Reported
from gadfly.ask.drill import firing
from gadfly.ask.drill.mark import LABEL, MARK, marked
from gadfly.ask.drill.record import HOLDS, Drill, Kind, Letter, Missed, Step
from gadfly.ask.drill.shadow import Shadow
from gadfly.config import Config, Route
from gadfly.duration import format as words
from gadfly.errors import GadflyError, LimitError, QueryError, Refused
from gadfly.monitor.change import Change
from gadfly.monitor.verdict import Verdict
from gadfly.promql import Limits, Matcher
from gadfly.rules.ruler import latest

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.monitor.subject import Subject
    from gadfly.rules.standing import GroupStanding, RuleStanding

PATIENCE = 30.0
"""Seconds that a receiver has to take a letter; one that fails is asked again meanwhile."""
LOOK = 0.1
"""Seconds between looks whether a letter was taken."""
HORIZON = 600.0
"""Seconds after which a first letter that has not left is told of as late."""
LONGEST = 3600.0
"""Seconds that are waited for in earnest; who wants a longer way says `--now`."""
PROMISED = 1.0
"""Seconds within which each executor knows of a stop (docs/acting.md)."""
AROUND = Limits(samples=200_000, series=2_000)

Keep = Callable[[Drill], Awaitable[None]]


class Course(Protocol):
    """What is drilled."""

    @property
    def kind(self) -> Kind: ...

    @property
    def target(self) -> str: ...

    @property
    def owner(self) -> str: ...

    async def run(self, drill: Drill, keep: Keep, answered: asyncio.Event) -> Drill:
        """Go the way; what came of it. Refused: it cannot be gone."""

    def told(self, drill: Drill) -> bool:
        """Whether it did what it is there for."""


def find(node: Node, target: str, kind: str, samples: Sequence[str]) -> Course:
    """What is meant by a name. Refused: 404 for nothing, 409 for more than one thing."""
    config = node.config
    found: dict[str, Course] = {}
    for group in node.rules.groups():
        for rule in group.rules:
            names = (rule.rule.name, f"{group.group.name}/{rule.rule.name}")
            if target in names and not rule.rule.records and "rule" not in found:
                found["rule"] = RuleCourse(node, group, rule, tuple(samples))
    subject = node.subject(target)
    if subject is not None:
        found["check"] = CheckCourse(node, subject)
    sort, _, name = target.rpartition(":")
    if (sort in ("", "owner") and name in config.owner) or (
        sort in ("", "receiver") and name in config.receiver
    ):
        found["route"] = RouteCourse(node, name, sort or ("owner" if name in config.owner else "receiver"))
    if target in config.automation:
        found["automation"] = AutomationCourse(node, target, config.automation[target].owner)
    if kind:
        found = {sort: one for sort, one in found.items() if sort == kind}
    if len(found) > 1:
        raise Refused(
            f"{target[:100]!r} is a {' and a '.join(found)}; say which: --kind {next(iter(found))}.", 409
        )
    if not found:
        raise Refused(
            f"There is no {kind or 'rule, component, owner, receiver or automation'} {target[:100]!r}.", 404
        )
    if samples and "rule" not in found:
        raise Refused("Samples are for the drill of a rule.", 422)
    return next(iter(found.values()))


class _Telling:
    """From a failure to the receivers."""

    kind: Kind

    def __init__(self, node: Node, target: str, owner: str) -> None:
        self._node = node
        self.target = target
        self.owner = owner

    def told(self, drill: Drill) -> bool:
        return any(one.state == "taken" for one in drill.letters)

    def _config(self) -> Config:
        return self._node.config

    async def _fail(self, drill: Drill) -> tuple[Drill, Reported | Change]:
        """What fails, after what must pass before it is seen."""
        raise NotImplementedError

    async def run(self, drill: Drill, keep: Keep, answered: asyncio.Event) -> Drill:
        drill, failure = await self._fail(drill)
        shadow = await self._shadow()
        try:
            drill, keys = await self._tell(drill, shadow, failure, answered)
        finally:
            shadow.close()
        await keep(drill)
        drill = await self._delivered(drill, keys)
        await keep(drill)
        if drill.wait and self.told(drill) and not answered.is_set():
            await _until(self._node, answered, drill.wait)
            if not answered.is_set():
                drill = _add(drill, "unanswered", f"Nobody took it on within {words(drill.wait)}.")
        return drill

    async def _shadow(self) -> Shadow:
        node, config, now = self._node, self._config(), self._node.clock.wall()
        return await node.db.read(
            lambda connection: Shadow(connection, config, node.name(), node.subject, now)
        )

    async def _tell(
        self, drill: Drill, shadow: Shadow, failure: Reported | Change, answered: asyncio.Event
    ) -> tuple[Drill, dict[int, str]]:
        """Post every letter when it is due; the drill, and the keys of the letters that were posted."""
        if isinstance(failure, Reported):
            await asyncio.to_thread(shadow.report, failure)
        else:
            await asyncio.to_thread(shadow.change, failure)
        outlook = shadow.outlook()
        if outlook is None:
            return _add(drill, "untold", "Nobody is to be told of such a verdict (alerting.told)."), {}
        if outlook.muted:
            why = "inhibited" if outlook.muted.startswith("inhibited") else "maintenance"
            name = f"silence {outlook.silence}" if outlook.silence else ""
            said = (
                f"It would have been hushed by {name} ({outlook.muted})."
                if name
                else f"Hushed: {outlook.muted}."
            )
            return _add(drill, "silence" if name else why, said), {}
        if not outlook.targets:
            return _add(
                drill, "no route", "No route leads to anybody, and no owner on top has a contact."
            ), {}
        steps = shadow.steps(outlook.targets)
        contacts = {one.contact: one for own in steps.values() for one in own}
        patience = max((sum(one.after for one in own[:-1]) for own in steps.values()), default=0.0)
        if drill.escalate and not drill.shortened and patience > LONGEST:
            raise Refused(f"The chain takes {words(patience)} to its end; drill it with --now.", 409)
        wanted = {address(one) for one in contacts} if drill.escalate else set()
        horizon = HORIZON + (
            sum(one.after for own in steps.values() for one in own) if drill.escalate else 0.0
        )
        drill = self._noticed(drill, steps)
        before = sum(one.seconds for one in drill.steps)
        passed, first, keys, seen = 0.0, before, dict[int, str](), set[str]()
        asked = set[str]()
        while True:
            for sealed in shadow.letters():
                told = sealed.notification
                if told.kind not in ("firing", "escalation"):
                    continue
                seen.add(told.target)
                asked.add(address(sealed.contact))
                drill, key = await self._post(drill, sealed, contacts.get(sealed.contact), first + passed)
                if key:
                    keys[len(drill.letters) - 1] = key
            if seen >= set(outlook.targets) and asked >= wanted:
                break
            if answered.is_set():
                drill = _add(drill, "acknowledged", "It was taken on, so nobody further was drawn in.")
                break
            step = shadow.wait()
            if step is None or passed + step > horizon:
                drill = self._late(drill, outlook.targets, seen, steps)
                break
            step = max(step, 0.001)
            if not drill.shortened:
                if passed + step > LONGEST:
                    raise Refused(f"The way takes longer than {words(LONGEST)}; drill it with --now.", 409)
                await _until(self._node, answered, step)
            passed += step
            await asyncio.to_thread(shadow.tick, step)
        if passed >= 0.05:
            drill = _step(drill, "its route and its owners' patience wait", passed)
        return drill, keys

    def _noticed(self, drill: Drill, steps: dict[str, tuple[Contact, ...]]) -> Drill:
        """Something that is found out before a letter leaves."""
        empty = [target for target, own in steps.items() if not own]
        return _add(drill, "no route", f"{', '.join(empty)} has no contact.") if empty else drill

    def _late(
        self, drill: Drill, targets: Sequence[str], seen: set[str], steps: dict[str, tuple[Contact, ...]]
    ) -> Drill:
        for target in targets:
            if target in seen or not steps[target]:
                continue
            times = steps[target][0].hours
            drill = (
                _add(
                    drill, "hours", f"It can wait for the hours of {target} ({times}), and these are not now."
                )
                if times and not hours.parse(times).covers(self._node.clock.wall())
                else _add(drill, "late", f"After {words(HORIZON)} {target} would still not have been told.")
            )
        return drill

    async def _post(
        self, drill: Drill, sealed: Sealed, contact: Contact | None, due: float
    ) -> tuple[Drill, str]:
        now = self._node.clock.wall()
        told = sealed.notification
        letter = Letter(
            owner=contact.owner if contact else "", to=sealed.label, what=told.kind, due=round(due, 3)
        )
        times = contact.hours if contact else ""
        if times and not drill.ring and not hours.parse(times).covers(now):
            letter = msgspec.structs.replace(letter, state="kept back")
            drill = _add(
                drill,
                "hours",
                f"{letter.owner} would have been told outside its hours ({times}); say --ring to do so.",
            )
            return msgspec.structs.replace(drill, letters=(*drill.letters, letter)), ""
        because = f"This is fire drill {drill.name} of {drill.kind} {drill.target}, by {drill.who}."
        fresh = msgspec.structs.replace(sealed, notification=marked(told, drill.name, because))
        await self._node.db.write(lambda connection: outbox.put(connection, [fresh], now))
        self._node.db.bell("outbox").set()
        return msgspec.structs.replace(drill, letters=(*drill.letters, letter)), fresh.notification.key

    async def _delivered(self, drill: Drill, keys: dict[int, str]) -> Drill:
        """Wait until every letter was taken, or refused for good; take back what nobody took."""
        clock, db = self._node.clock, self._node.db
        end = clock.monotonic() + PATIENCE
        rows: dict[str, tuple[str, float, float, str]] = {}
        while True:
            over = clock.monotonic() >= end
            if over:
                await db.write(lambda connection: _take_back(connection, keys.values()))
            fresh = await db.read(lambda connection: _rows(connection, keys.values()))
            rows |= fresh
            # One that is on its way at the end may still arrive, or come back to be taken back.
            open_ = [one for one in fresh.values() if one[0] in ("pending", "claimed")]
            if not open_ or clock.monotonic() >= end + PATIENCE:
                break
            await clock.sleep(LOOK)
        await db.write(lambda connection: _take_back(connection, keys.values()))
        db.bell("outbox").set()
        letters = list(drill.letters)
        for place, key in keys.items():
            state, created, sent, error = rows.get(key, ("pending", 0.0, 0.0, ""))
            one = letters[place]
            if state == "sent":
                letters[place] = msgspec.structs.replace(one, state="taken", after=max(0.0, sent - created))
                continue
            refused = state == "dead"
            letters[place] = msgspec.structs.replace(
                one, state="refused" if refused else "unanswered", error=error[:300]
            )
            said = f"{one.to} {'refused it' if refused else f'did not take it within {PATIENCE:.0f} s'}"
            drill = _add(
                drill, "refused" if refused else "unanswered", f"{said}{f': {error[:200]}' if error else '.'}"
            )
        return msgspec.structs.replace(drill, letters=tuple(letters))


class RuleCourse(_Telling):
    """A rule sees a synthetic series."""

    kind = "rule"

    def __init__(
        self, node: Node, group: GroupStanding, rule: RuleStanding, samples: tuple[str, ...]
    ) -> None:
        about = rule.rule
        given = {name: text.text for name, text in about.labels}
        super().__init__(node, about.name, about.owner or given.get("owner", ""))
        self._group, self._rule, self._samples = group, about, samples

    async def _fail(self, drill: Drill) -> tuple[Drill, Reported | Change]:
        node, rule, group = self._node, self._rule, self._group
        now = node.clock.wall()
        source = node.series.source

        def real(matchers: Sequence[Matcher]) -> dict[str, str] | None:
            if source is None:
                return None
            try:
                chunk = source.select(matchers, round((now - 300) * 1000), round(now * 1000), AROUND)
            except GadflyError:
                return None
            return dict(chunk.labels[0]) if len(chunk.labels) else None

        first = latest(group.group, group.interval, now) + group.interval
        try:
            found = await asyncio.to_thread(
                firing.fire,
                group.group,
                rule,
                interval=group.interval,
                failed=now,
                first=first,
                url=node.url(),
                real=real,
                given=self._samples,
            )
        except (QueryError, LimitError) as error:
            raise Refused(f"The rule cannot be fed: {error}", 422) from None
        if found is None:
            raise Refused(
                "These samples do not make it fire."
                if self._samples
                else "No synthetic series was found that makes it fire. Either it cannot fire, or it must be "
                "told what to see: --sample 'metric{a=\"b\"} 97'.",
                422,
            )
        held = f", which has a `for` of {words(rule.hold)}" if rule.hold else ""
        drill = _step(
            drill, f"the rule fires{held} (fed: {'; '.join(found.series) or 'nothing'})", found.after
        )
        if not drill.shortened:
            if found.after > LONGEST:
                raise Refused(f"It fires after {words(found.after)}; drill it with --now.", 409)
            await node.clock.sleep(found.after)
        alert = found.alert
        reported = Reported(
            labels={**alert.labels, LABEL: "1"},
            annotations=alert.annotations,
            starts=node.clock.wall(),
            source=f"rule:{rule.name}",
            owner=rule.owner,
        )
        return drill, reported


class CheckCourse(_Telling):
    """A component's own check says that it is down."""

    kind = "check"

    def __init__(self, node: Node, subject: Subject) -> None:
        super().__init__(node, subject.name, subject.owner)
        self._subject = subject

    async def _fail(self, drill: Drill) -> tuple[Drill, Reported | Change]:
        node = self._node
        checks = node.checks.get(self.target, ())
        sort = f"its {checks[0].kind} probe failed" if checks else "its heartbeat had stopped"
        verdict = Verdict.missing if self._subject.kind == "job" and not checks else Verdict.down
        return drill, Change(
            at=node.clock.wall(),
            component=self.target,
            slot=-1,
            before=Verdict.healthy,
            after=verdict,
            reason=f"{MARK} as if {sort}",
            subject=self._subject,
        )


class RouteCourse(_Telling):
    """A letter to one owner or receiver, whatever the routes say."""

    kind = "route"

    def __init__(self, node: Node, name: str, sort: str) -> None:
        super().__init__(node, name, name if sort == "owner" else "")
        self._sort = sort

    def _config(self) -> Config:
        route = (Route(receiver=self.target),) if self._sort == "receiver" else ()
        return msgspec.structs.replace(self._node.config, route=route)

    def _noticed(self, drill: Drill, steps: dict[str, tuple[Contact, ...]]) -> Drill:
        first = next((one for own in steps.values() for one in own), None)
        if self._sort == "owner" and first is not None and not self._node.config.owner[self.target].contact:
            return _add(
                drill, "no route", f"{self.target} has no contact; {first.owner} is told in its place."
            )
        return super()._noticed(drill, steps)

    async def _fail(self, drill: Drill) -> tuple[Drill, Reported | Change]:
        labels = {"alertname": "Fire drill", "severity": "critical", LABEL: "1"}
        return drill, Reported(
            labels={**labels, "owner": self.target} if self._sort == "owner" else labels,
            annotations={"summary": f"A letter along the way to {self.target}"},
            starts=self._node.clock.wall(),
            source=f"drill:{drill.name}",
        )


class AutomationCourse:
    """The stop is pulled, on a target that does not exist; the guards see what they must deny."""

    kind: Kind = "automation"

    def __init__(self, node: Node, name: str, owner: str) -> None:
        self._node = node
        self.target = name
        self.owner = owner

    def told(self, drill: Drill) -> bool:
        return drill.took is not None and not drill.missed

    async def run(self, drill: Drill, keep: Keep, answered: asyncio.Event) -> Drill:
        node, clock = self._node, self._node.clock
        name = f"{stop_book.DRILL}{drill.name} of {self.target}"[:200]
        drill = msgspec.structs.replace(drill, promised=PROMISED)
        plan, situation = sound(clock.wall())
        target = msgspec.structs.replace(plan.targets[0], name=name)
        plan = msgspec.structs.replace(
            plan,
            principal=f"automation:{self.target}",
            automation=self.target,
            owner=self.owner,
            targets=(target,),
        )
        act = act_of(plan)
        authority, board, ledger = node.acting.board.own, node.acting.board, node.recorder.log
        if (why := authority.refusal(act, clock.boottime())) is not None:
            raise Refused(f"The executor refuses already, so that a stop cannot be measured: {why}", 409)
        began = clock.monotonic()
        made = await board.stop(
            ledger, scope="target", name=name, owner=self.owner, who=drill.who, because=f"{MARK} {drill.name}"
        )
        try:
            end = began + PATIENCE
            while authority.refusal(act, clock.boottime()) is None and clock.monotonic() < end:
                await clock.sleep(LOOK)
            stops = await node.db.read(stop_book.in_force)
            took = clock.monotonic() - began
            refused = authority.refusal(act, clock.boottime()) is not None
            stopped = decide(plan, msgspec.structs.replace(situation, stops=stops)).refusals
        finally:
            lifted = clock.wall()
            await node.db.write(
                lambda connection: stop_book.lift_drill(
                    connection, ledger, made.id, who=drill.who, now=lifted
                )
            )
            await board.look()
        gate = any(one.guard == "stop" for one in stopped)
        if refused and gate:
            drill = _step(drill, HOLDS, took, waited=True)
            if took > PROMISED:
                drill = _add(drill, "stop", f"The stop held after {took:.1f} s; {PROMISED:g} s are promised.")
        for holds, who in ((refused, "The executor"), (gate, "The gate")):
            if not holds:
                drill = _add(
                    drill, "stop", f"{who} would have gone on acting {PATIENCE:.0f} s after the stop."
                )
        proofs = await node.acting.proving.prove()
        drill = _step(
            drill, f"{sum(one.denied for one in proofs)} of {len(proofs)} guards denied", 0.0, waited=True
        )
        for one in proofs:
            if not one.denied:
                drill = _add(drill, "guard", f"The guard {one.guard} did not deny: {one.reason}")
        return drill


def _add(drill: Drill, why: str, said: str) -> Drill:
    return msgspec.structs.replace(drill, missed=(*drill.missed, Missed(why=why, words=said)))


def _step(drill: Drill, what: str, seconds: float, *, waited: bool = False) -> Drill:
    step = Step(what=what, seconds=round(seconds, 3), skipped=drill.shortened and not waited)
    return msgspec.structs.replace(drill, steps=(*drill.steps, step))


def _rows(connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, tuple[str, float, float, str]]:
    found = {}
    for key in keys:
        row = connection.execute(
            "SELECT state, created, sent, error FROM outbox WHERE key = ? AND incident = 0", (key,)
        ).fetchone()
        if row is not None:
            found[key] = (row[0], row[1], row[2] or row[1], row[3] or "")
    return found


def _take_back(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """A letter of a drill that comes an hour later misleads, and a dead one calls nobody."""
    connection.executemany(
        "DELETE FROM outbox WHERE key = ? AND incident = 0 AND state IN ('pending', 'dead')",
        [(key,) for key in keys],
    )


async def _until(node: Node, event: asyncio.Event, seconds: float) -> None:
    """So long, or until the event."""
    tasks = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(node.clock.sleep(seconds))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
