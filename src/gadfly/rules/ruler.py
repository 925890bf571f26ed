"""The groups of a node in their time: evaluated in threads, a few at once, written, reported, shown.

A group has its turn at fixed times, apart by its interval, whatever the node did before (as Prometheus aligns
them), so that two nodes with the same rules write samples at the same times. What comes too late is left out
and counted.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from gadfly.alert.reported import Reported
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import StoreError
from gadfly.promql import Chunk, Limits, Matcher
from gadfly.promql.source import Selects
from gadfly.rules import declared, files
from gadfly.rules.active import SPOKEN, Active
from gadfly.rules.rule import Group, Rule
from gadfly.rules.samples import Samples
from gadfly.rules.standing import GroupStanding, Rows

if TYPE_CHECKING:
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly.rules")

LOOK = 1.0
"""Seconds between looks at the wall clock, which may be set."""
AT_ONCE = 3
"""Groups that are evaluated at once, so that a heavy one holds up none but itself, and there are threads left
for all else."""
LIMITS = Limits(samples=20_000_000, series=200_000)
"""Of one rule, as of a query that a person asks: three at once still leave the node its memory."""
SHOWN = 3
"""Rules that fail and are named in a warning."""


def load(config: Config) -> list[Group]:
    """All groups of a configuration. ConfigError where a file is broken; reads files, so in a thread."""
    return [*declared.groups(config.rule), *files.load(config.rules.files)]


class Ruler:
    """One for each node. `series` gives the store while it is open; `report` is the engine's."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        url: str,
        series: Callable[[], Series | None],
        report: Callable[[Sequence[Reported]], Awaitable[int]],
    ) -> None:
        self._clock = clock
        self._series = series
        self._report = report
        self._url = url
        self._samples = Samples()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._running: dict[GroupStanding, asyncio.Task[None]] = {}
        self._handing: list[tuple[GroupStanding, GroupStanding | None]] = []
        self._ending: list[tuple[Rows, list[tuple[Rule, Active]]]] = []
        self._stopping = False
        self._standing: dict[tuple[str, str], GroupStanding] = {}
        self._trouble = ""
        self.refused = self._samples.refused
        """Samples of rules that the store did not take, by reason."""
        self._settings = config.rules
        self._limits = LIMITS

    def take(self, groups: Sequence[Group], config: Config) -> None:
        """These from now on. A group that stays goes on as it was; what goes ends.

        Where it is being evaluated at this moment, both happen after that.
        """
        self._settings = config.rules
        self._limits = Limits(LIMITS.samples, LIMITS.series, float(config.rules.seconds))
        fresh: dict[tuple[str, str], GroupStanding] = {}
        for group in groups:
            fresh[group.file, group.name] = GroupStanding(group, group.interval or float(config.rules.every))
        self._handing += [(known, fresh.get(name)) for name, known in self._standing.items()]
        self._standing = fresh
        self._hand_over()

    def _hand_over(self) -> None:
        """What a group knows, to the one that follows it, unless a thread is still at work on it."""
        waits: list[tuple[GroupStanding, GroupStanding | None]] = []
        busy: set[GroupStanding | None] = set(self._running)
        for known, after in self._handing:
            if known in busy:
                waits.append((known, after))
                busy.add(after)
                continue
            if after is not None:
                after.follow(known)
            self._ending.append(known.gone(after))
        self._handing = waits

    def groups(self) -> Sequence[GroupStanding]:
        """As they stand; not to be changed."""
        return list(self._standing.values())

    async def run(self) -> None:
        """Until cancelled. Waits where the store is not open."""
        try:
            while True:
                await self._clock.sleep(await self.turn())
        finally:
            self._stopping = True  # the threads end with the rules that they are at
            await self.settled()

    async def settled(self) -> None:
        """Return when no group is being evaluated."""
        if self._running:
            await asyncio.wait(self._running.values())

    async def turn(self) -> float:
        """Begin whatever is due; seconds until more may be. Raises what one failed with that began before."""
        for one in [one for one, task in self._running.items() if task.done()]:
            self._running.pop(one).result()
        self._hand_over()
        source = self._series()
        if source is None:
            return LOOK
        await self._end(source)
        now = self._clock.wall()
        busy = {after for _, after in self._handing} | self._running.keys()
        due: list[tuple[float, GroupStanding]] = []
        for one in self._standing.values():
            if one in busy:
                continue
            slot = latest(one.group, one.interval, now)
            if one.at is not None and one.at > now + one.interval:
                one.at = None  # the clock was set back
            if one.at is None:
                one.at = slot  # the first turn is at the next slot
            elif slot > one.at:
                due.append((slot, one))
        for slot, one in sorted(due, key=lambda pair: pair[0]):
            last = one.at if one.at is not None else slot
            one.missed += max(0, round((slot - last) / one.interval) - 1) if one.turns else 0
            self._running[one] = asyncio.create_task(self._evaluate(source, one, slot))
        now = self._clock.wall()
        waits = [latest(one.group, one.interval, now) + one.interval - now for one in self._standing.values()]
        return max(0.0, min([LOOK, *waits]))

    async def _evaluate(self, source: Series, one: GroupStanding, slot: float) -> None:
        loop = asyncio.get_running_loop()

        def write(rows: Rows) -> None:
            if self._stopping:
                raise StoreError("the node is stopping")
            asyncio.run_coroutine_threadsafe(self._samples.append(source, rows, slot), loop).result()

        def work() -> None:
            reading = _Ending(source, lambda: self._stopping)
            one.turn(reading, round(slot * 1000), self._limits, write, self._url, source.owned)

        async with self._places:
            if self._stopping:
                return
            try:
                await asyncio.to_thread(work)
            except StoreError as error:
                one.at = slot
                if not self._trouble and not self._stopping:
                    log.error("what rules find is not kept: %s", error)
                self._trouble = str(error)
            else:
                self._trouble = ""
        if not self._stopping:
            await self._say(one, slot)

    async def _say(self, one: GroupStanding, slot: float) -> None:
        """Report what fires; where the disk refuses it, again at the next turn."""
        resend = float(self._settings.resend)
        ends = slot + SPOKEN * max(one.interval, resend)
        saying = [
            (standing.rule, active)
            for standing in one.rules
            for active in standing.alerts.to_say(slot, resend)
        ]
        if not saying:
            return
        try:
            await self._report([self._reported(rule, active, ends) for rule, active in saying])
        except StoreError as error:
            log.error("%s", error)
            for _, active in saying:
                active.said = None

    def _reported(self, rule: Rule, one: Active, ends: float) -> Reported:
        return Reported(
            labels=one.labels,
            annotations=one.annotations,
            starts=one.since if one.firing is None else one.firing,
            ends=ends if one.over is None else one.over,
            source=f"rule:{rule.name}",
            generator=f"{self._url}/query#q={quote(rule.text, safe='')}",
            owner=rule.owner,
        )

    async def _end(self, source: Series) -> None:
        """Rules that are no more: their series end, and their alerts are over."""
        now = self._clock.wall()
        while self._ending:
            rows, ended = self._ending[0]
            try:
                await self._samples.append(source, rows, now)
                over = [self._reported(rule, one, now) for rule, one in ended]
                await self._report(over)
            except StoreError as error:
                log.error("%s", error)
                return
            self._ending.pop(0)

    def counts(self) -> Mapping[str, float]:
        """For the node's own metrics, named as Prometheus names its own: `gadfly_rule_evaluations_total`."""
        groups = self.groups()
        rules = [rule for group in groups for rule in group.rules]
        return {
            "groups": len(groups),
            "rules": len(rules),
            "failing": sum(bool(rule.error) for rule in rules),
            "evaluations_total": sum(group.turns * len(group.rules) for group in groups),
            "evaluation_failures_total": sum(rule.failures for rule in rules),
            "group_iterations_total": sum(group.turns for group in groups),
            "group_iterations_missed_total": sum(group.missed for group in groups),
            "group_last_duration_seconds": sum(group.took for group in groups),
        }

    def warnings(self) -> list[str]:
        """What the operator should know: rules that cannot be evaluated, groups that take too long."""
        found = []
        failing = [rule for group in self.groups() for rule in group.rules if rule.error]
        if failing:
            names = ", ".join(rule.rule.name for rule in failing[:SHOWN])
            more = f" and {len(failing) - SHOWN:,} more" if len(failing) > SHOWN else ""
            found.append(
                f"{len(failing):,} rules cannot be evaluated ({names}{more}), so they cannot fire: "
                f"{failing[0].error[:200]}"
            )
        slow = [group for group in self.groups() if group.took > group.interval]
        if slow:
            found.append(
                f"the rules of group {slow[0].group.name} take {slow[0].took:.1f} s, longer than the "
                f"{slow[0].interval:g} s between two turns: make them simpler or the interval longer"
            )
        today = dt.datetime.fromtimestamp(self._clock.wall(), dt.UTC).date().isoformat()
        overdue = [
            rule.rule.name
            for group in self.groups()
            for rule in group.rules
            if rule.rule.review and rule.rule.review < today
        ]
        if overdue:
            found.append(
                f"{len(overdue):,} rules should have been reviewed by their owners: "
                f"{', '.join(overdue[:SHOWN])}{' and more' if len(overdue) > SHOWN else ''}"
            )
        if self.refused:
            reasons = ", ".join(f"{reason} {count:,}" for reason, count in self.refused.most_common(SHOWN))
            found.append(f"samples of rules were not kept: {reasons}")
        if self._trouble:
            found.append(f"what rules find is not kept at the moment: {self._trouble}")
        return found


class _Ending:
    """A source that has nothing more to say when the node stops."""

    def __init__(self, source: Selects, stopping: Callable[[], bool]) -> None:
        self._source = source
        self._stopping = stopping

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        if self._stopping():
            raise StoreError("the node is stopping")
        return self._source.select(matchers, start, end, limit)


def latest(group: Group, interval: float, now: float) -> float:
    """The last time that a group's turn was due. Groups of one interval are spread over it by their names."""
    digest = hashlib.blake2b(f"{group.file};{group.name}".encode(), digest_size=8).digest()
    width = max(1, round(interval * 1000))
    offset = int.from_bytes(digest) % width
    at = round(now * 1000)
    return (at - (at - offset) % width) / 1000
