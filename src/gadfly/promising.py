"""What becomes of what is foreseen: written down, told, exposed as series, judged. In that order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from gadfly.act.mail import notice
from gadfly.alert import reported
from gadfly.alert.reported import Reported
from gadfly.errors import StoreError
from gadfly.predict import demote, entries, exposed, planning, promise, wording
from gadfly.predict.gauge import Look
from gadfly.predict.prediction import Foreseen, Key, Outcome, evidence, key, naive, named
from gadfly.predict.promise import Alarm, chance_of
from gadfly.predict.resolve import ALREADY, MOVED, Resolution
from gadfly.predict.running import Running
from gadfly.promql.source import STALE, Metadata
from gadfly.rate import WEEK
from gadfly.rules.active import SPOKEN
from gadfly.rules.samples import Samples
from gadfly.store import predictions
from gadfly.store.predictions import Row, Tally, Verdict

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly.predict")

SOONEST = 60.0
"""Seconds between two reports of an alarm that stands, as it counts for how long one is believed."""


class Promising:
    """Made by the node's :class:`~gadfly.predicting.Predicting`."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._db = node.db
        self._journal = node.recorder.journal
        self._samples = Samples("predict")
        self.refused = self._samples.refused
        """Samples that the store did not take, by reason."""

    async def keep(self, source: Series, one: Running, look: Look, now: float) -> None:
        """What a turn found. StoreError: nothing of it was told."""
        if one.told:  # older ones leave the week
            told = await self._db.read(lambda connection: predictions.told(connection, one.name, now - WEEK))
            one.told_to = self._by_owner(one, told)
        before = one.alarms
        if one.firing:  # those that an earlier run told of, and that stand
            named_as = {series.key: key(one.labels(dict(series.key))) for series in look.foreseen}
            before = {
                series: Alarm(since=one.firing[labels], state="told")
                for series, labels in named_as.items()
                if labels in one.firing
            }
            before = one.alarms | before
            one.firing = {}
        after = promise.alarms(
            look.foreseen,
            before,
            now,
            chance=one.config.chance,
            budget=one.budget,
            told=one.told_to,
            owner=lambda series: self._owner(one, self.who(dict(series))[1]),
            silent=lambda series: self.mute(one, series),
        )
        await self._write_down(one, look, before, after, now)
        one.look, one.alarms = look, after
        await self._tell(one, look, before, now)
        await self._expose(source, one, look)
        if look.resolved:
            await self._judge(one, now)

    async def recall(self, one: Running, now: float) -> None:
        """What an earlier run left: open predictions, alarms that stand, whether it is silent."""
        window = float(self._node.config.predict.window)

        def work(connection: sqlite3.Connection) -> None:
            one.open = predictions.unresolved(connection, one.name)
            one.late = predictions.late(connection, one.name, now - 2 * one.gauge.act)
            one.told_to = self._by_owner(one, predictions.told(connection, one.name, now - WEEK))
            one.tally = predictions.tally(connection, one.name, now - window)
            spent = predictions.ahead(connection, one.name, now, now - one.gauge.act)
            one.spent = {key(labels): deadline for labels, deadline in spent}
            since, one.why = predictions.silent(connection).get(one.name, (None, ""))
            one.silent = since is not None and not one.arithmetic
            _records(connection, one, now - window)

        await self._db.read(work)
        firing = await self._node.engine.alerts()
        one.firing = {key(alert.labels): alert.started for alert in firing if alert.source == one.source}
        over = await self._node.engine.alerts("resolved")
        said = [(key(alert.labels), alert.started) for alert in over if alert.source == one.source]
        said += one.firing.items()
        one.alarms = promise.recalled(
            one.open,
            lambda row: any(
                labels == key(one.labels(row.labels)) and started >= row.made - 1 for labels, started in said
            ),
            chance=one.config.chance,
            silent=one.silent,
        )
        one.recalled = True

    async def taken_on(self, one: Running, now: float) -> frozenset[str]:
        """Of which series somebody has taken the alarm upon them; asked only where that matters."""
        ends = [row for row in one.open if row.told and row.deadline <= now]
        if not ends:
            return frozenset()
        alerts = await self._node.engine.alerts("all")
        taken = {key(alert.labels) for alert in alerts if alert.source == one.source and alert.acknowledged}
        return frozenset(row.series for row in ends if key(one.labels(row.labels)) in taken)

    async def moved(self, one: Running, now: float) -> Mapping[str, float]:
        """Which series somebody moved away from their limits within the window: the deadline of the first
        prediction that is void for it; asked only where that matters."""
        if not any(row.deadline <= now for row in one.open):
            return {}
        since = now - float(self._node.config.predict.window)
        return await self._db.read(lambda connection: predictions.void(connection, one.name, since, MOVED))

    def mute(self, one: Running, series: Key) -> bool:
        """Whether nothing is told of it, nor acted upon."""
        labels = dict(series)
        return one.silent and one.mute(named(labels), self.who(labels)[1] or one.config.owner)

    async def give_up(self, source: Series | None, one: Running, now: float) -> None:
        """It is declared no longer, or otherwise: its alarms are over, and its series end."""
        await self._node.engine.report(
            [self._over(one, series, alarm, now) for series, alarm in one.alarms.items()]
        )
        one.alarms = {}
        if source is not None:
            await self._samples.append(source, [(series, STALE) for series in one.written], now)
        one.written = set()

    def who(self, labels: Mapping[str, str]) -> tuple[str, str]:
        """Which component a series is of, and who answers for it; empty where nobody knows."""
        for name in reported.named(labels):
            subject = self._node.subject(name)
            if subject is not None:
                return subject.name, labels.get("owner", "") or subject.owner
        return "", labels.get("owner", "")

    def _owner(self, one: Running, name: str) -> str:
        """Whose budget an alarm costs: a name that nobody declared has none of its own."""
        return name if name in self._node.config.owner else one.config.owner

    def _by_owner(self, one: Running, told: Mapping[str, int]) -> Counter[str]:
        found: Counter[str] = Counter()
        for name, count in told.items():
            found[self._owner(one, name)] += count
        return found

    async def _write_down(
        self, one: Running, look: Look, before: Mapping[Key, Alarm], after: Mapping[Key, Alarm], now: float
    ) -> None:
        """One transaction: what is foreseen, what became of what was, and both in the ledger."""
        gone = {row.id for row, _ in look.resolved}
        for row, end in look.resolved:
            if end.outcome is Outcome.came_true:
                one.spent[key(row.labels)] = row.deadline
        one.spent = {series: deadline for series, deadline in one.spent.items() if deadline > now}
        waiting = {key(row.labels) for row in one.open if row.id not in gone} | one.spent.keys()
        base = naive(one.tally.known, one.tally.true)
        due = promise.due(look.foreseen, before, after, waiting)
        fresh = [self._row(one, found, told, base, now) for found, told in due]
        rows: list[Row] = []
        if fresh or look.resolved:
            rows = await self._db.write(lambda connection: self.record(connection, fresh, look.resolved, now))
        one.open = [row for row in [*one.open, *rows] if row.id not in gone and not row.outcome]
        one.late = [row for row in one.late if row.id not in gone and row.deadline + one.gauge.act > now]
        one.late += [
            msgspec.structs.replace(row, outcome=str(end.outcome))
            for row, end in look.resolved
            if row.told and not row.outcome and end.outcome is Outcome.did_not
        ]
        one.told_to.update(self._owner(one, row.owner) for row in rows if row.told and not row.outcome)

    def record(
        self,
        connection: sqlite3.Connection,
        fresh: Sequence[Row],
        resolved: Sequence[tuple[Row, Resolution]],
        now: float,
    ) -> list[Row]:
        """Both into the table and the ledger, in the caller's transaction; the fresh ones, numbered. What
        became of a fresh one may be known already."""
        fit = self._journal.fit
        rows = predictions.add(connection, fresh)
        known = [
            (row, Resolution(Outcome(row.outcome), row.happened, row.why)) for row in rows if row.outcome
        ]
        resolved = [*resolved, *known]
        made, places = entries.foretold(rows, now, fit)
        written = self._journal.observe(connection, made)
        if len(written):
            numbered = [(row.id, written[place]) for row, place in zip(rows, places, strict=True)]
            predictions.enter(connection, numbered)
        predictions.resolve(
            connection,
            [
                Verdict(id=row.id, outcome=str(end.outcome), resolved=now, happened=end.happened, why=end.why)
                for row, end in resolved
            ],
        )
        self._journal.observe(connection, entries.resolved(resolved, now, fit))
        return rows

    def _row(self, one: Running, found: Foreseen, told: bool, base: float, now: float) -> Row:
        labels = dict(found.key)
        component, owner = self.who(labels)
        return Row(
            predictor=one.name,
            kind=one.gauge.kind,
            series=named(labels),
            labels=labels,
            component=component,
            owner=owner or one.config.owner,
            made=now,
            deadline=now + one.gauge.act,
            probability=chance_of(found),
            base=base,
            told=told,
            evidence=evidence(found),
            outcome=ALREADY.outcome if found.full else "",
            why=ALREADY.why if found.full else "",
        )

    async def _tell(self, one: Running, look: Look, before: Mapping[Key, Alarm], now: float) -> None:
        """Report the alarms that stand, and the end of those that do not."""
        foreseen = {found.key: found for found in look.foreseen}
        ends = now + SPOKEN * max(SOONEST, float(one.config.every))
        told = {series: alarm for series, alarm in one.alarms.items() if alarm.state == "told"}
        said = [self._said(one, foreseen[series], alarm, ends, now) for series, alarm in told.items()]
        said += [
            self._over(one, series, alarm, now)
            for series, alarm in before.items()
            if alarm.state == "told" and series not in told
        ]
        await self._node.engine.report(said)

    def _said(self, one: Running, found: Foreseen, alarm: Alarm, ends: float, now: float) -> Reported:
        return Reported(
            labels=one.labels(dict(found.key)),
            annotations={
                "summary": wording.summary(found, one.gauge.act, now),
                "description": wording.description(found),
                **({"because": one.config.because} if one.config.because else {}),
            },
            starts=alarm.since,
            ends=ends,
            source=one.source,
            generator=f"{self._node.url()}/predictions#{quote(one.name, safe='')}",
            owner=one.config.owner,
        )

    def _over(self, one: Running, series: Key, alarm: Alarm, now: float) -> Reported:
        labels = one.labels(dict(series))
        return Reported(labels=labels, annotations={}, starts=alarm.since, ends=now, source=one.source)

    async def _expose(self, source: Series, one: Running, look: Look) -> None:
        """Write what is foreseen as series; what is foreseen no longer ends."""
        rows = await asyncio.to_thread(exposed.rows, one.name, one.gauge.act, look)
        keys = {series for series, _ in rows}
        ended = [(series, STALE) for series in one.written - keys]
        with contextlib.suppress(StoreError):  # that no series are kept is said by who keeps them
            for metric, words in exposed.HELP.items():
                source.describe(metric, Metadata("gauge", words, ""))
            await self._samples.append(source, [*rows, *ended], look.at)
        one.written = keys

    async def _judge(self, one: Running, now: float) -> None:
        """After something was resolved: whether it may go on speaking."""
        window = float(self._node.config.predict.window)

        def count(connection: sqlite3.Connection) -> None:
            one.tally = predictions.tally(connection, one.name, now - window)
            _records(connection, one, now - window)

        await self._db.read(count)
        if one.arithmetic:
            return
        if await self.judged(one.name, one.config.owner, one.tally, was=one.silent, now=now):
            one.silent, one.due = not one.silent, float("-inf")
            one.why = demote.why(one.tally) if one.silent else ""
            await self._db.read(count)

    async def judged(self, name: str, owner: str, tally: Tally, *, was: bool, now: float) -> bool:
        """Whether this predictor changes from speaking to silent or back, by its record; then that is written
        down and its owner told."""
        silent = demote.silent(tally, was=was)
        if silent is was:
            return False
        why = demote.why(tally)
        entry = entries.demoted(name, silent, why, owner, now)
        owners, text = self._node.config.owner, planning.demotion(name, silent, why)

        def work(connection: sqlite3.Connection) -> None:
            self._journal.observe(connection, [entry])
            predictions.demote(connection, name, now if silent else None, why if silent else "")
            notice.put(connection, owners, [owner], self.notice(text, now))

        await self._db.write(work)
        self._db.bell("outbox").set()
        log.warning("prediction %s %s: %s", name, "falls silent" if silent else "speaks again", why)
        return True

    def notice(self, text: str, now: float) -> notice.Notice:
        """A letter whose first line is its subject."""
        return notice.Notice(
            subject=text.partition("\n")[0],
            text=text,
            at=now,
            url=f"{self._node.url()}/predictions",
            node=self._node.name(),
        )


def _records(connection: sqlite3.Connection, one: Running, since: float) -> None:
    """Of whose series one that is silent speaks all the same."""
    if one.silent:
        one.by_series = predictions.tallies(connection, one.name, since, "series")
        one.by_owner = predictions.tallies(connection, one.name, since, "owner")
