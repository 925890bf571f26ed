"""Predictions as the web shows them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from gadfly.config.predict import Predict, Prediction
from gadfly.errors import LimitError, QueryError, Refused, StoreError
from gadfly.predict import planning, scorecard
from gadfly.predict.alarm import a_week, needed
from gadfly.predict.failing import LEARNT
from gadfly.predict.prediction import EARLY, LEVELS, Foreseen, named
from gadfly.predict.running import Running
from gadfly.predict.scorecard import Score
from gadfly.predict.wording import moment
from gadfly.promql.source import Selects
from gadfly.store import flips, predictions
from gadfly.store.predictions import Row
from gadfly.web.answers.predictions import (
    Ahead,
    Backtest,
    Fan,
    Foretold,
    Made,
    MadePredictions,
    Past,
    PlanningReport,
    Predictions,
    Predictor,
    Scorecard,
)

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.watching import Watching


LONGEST = 20.0
"""Seconds that a backtest may take: who asks by HTTP is answered within thirty."""
SHOWN = 4
"""So many times as long as what is foreseen is the past beside it: of a month the fan would be a sliver."""


class PredictView:
    """What :class:`gadfly.web.foreseeing.Foreseeing` asks for."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._predicting = node.predicting
        self._replaying = asyncio.Lock()
        self._ends = 0.0

    def now(self, predictor: str, owner: str, limit: int) -> Predictions:
        at = self._node.clock.wall()
        running = [one for one in self._predicting.running.values() if predictor in ("", one.name)]
        found = [shown for one in running for shown in self._standing(one, at) if owner in ("", shown.owner)]
        early = self._predicting.early
        watched = predictor in ("", EARLY) and bool(self._node.config.predict.budget)
        if watched:
            found += [_warned(row) for row in early.open if owner in ("", row.owner)]
        found.sort(key=lambda one: (one.probability is None, -(one.probability or 0.0), one.series))
        return Predictions(
            at=at,
            predictors=[
                *(_predictor(one) for one in running),
                *([_early(early, self._node.config.predict)] if watched else []),
            ],
            standing=found[:limit],
            total=len(found),
        )

    def _standing(self, one: Running, at: float) -> list[Foretold]:
        look = one.current(at)
        if look is None:
            return []
        found = []
        for foreseen in look.foreseen:
            labels = dict(foreseen.key)
            component, owner = self._predicting.who(labels)
            alarm = one.alarms.get(foreseen.key)
            found.append(
                Foretold(
                    predictor=one.name,
                    kind=one.gauge.kind,
                    series=named(labels),
                    labels=labels,
                    component=component,
                    owner=owner or one.config.owner,
                    probability=1.0 if foreseen.full else _known(foreseen.probability),
                    deadline=look.at + one.gauge.act,
                    value=_known(foreseen.value),
                    limit=_known(foreseen.limit),
                    within={str(level): by for level, by in zip(LEVELS, foreseen.within, strict=True)},
                    why=foreseen.why,
                    state=alarm.state if alarm else "quiet",
                    since=alarm.since if alarm else None,
                )
            )
        return found

    def fan(self, predictor: str, series: str) -> Fan:
        one = self._predicting.running.get(predictor)
        look = one.look if one is not None else None
        foreseen = look.foreseen if look is not None else []
        place = next((row for row, found in enumerate(foreseen) if _name(found) == series), None)
        if one is None or look is None or place is None:
            raise Refused(f"The prediction {predictor[:100]!r} foresees no series {series[:300]!r}.", 404)
        outlook, found = look.outlook, foreseen[place]
        if (
            outlook is None
            or not len(outlook.ahead)
            or not all(map(math.isfinite, outlook.quantiles[place].flat))
        ):
            raise Refused(f"Too little is known of {series[:300]} to say how it will go on.", 409)
        shown = SHOWN * len(outlook.ahead)
        return Fan(
            predictor=predictor,
            series=series,
            limit=_known(found.limit),
            deadline=look.at + one.gauge.act,
            past=Past(
                at=outlook.past[-shown:].tolist(),
                value=[_known(value) for value in outlook.values[place, -shown:].tolist()],
            ),
            ahead=Ahead(
                at=outlook.ahead.tolist(),
                levels=list(outlook.levels),
                values=outlook.quantiles[place].tolist(),
            ),
            why=found.why,
        )

    async def history(
        self, *, predictor: str, series: str, owner: str, told: bool, open: bool, limit: int
    ) -> MadePredictions:
        rows = await self._node.db.read(
            partial(
                predictions.newest,
                predictor=predictor,
                series=series,
                owner=owner,
                told=told,
                open=open,
                limit=limit,
            )
        )
        return MadePredictions(predictions=[msgspec.convert(row, Made, from_attributes=True) for row in rows])

    async def scorecard(self, window: float | None) -> Scorecard:
        at = self._node.clock.wall()
        span = float(self._node.config.predict.window) if window is None else window
        rows = await self._node.db.read(lambda connection: predictions.since(connection, at - span))
        return await asyncio.to_thread(self._scored, rows, at, span)

    def _scored(self, rows: Sequence[Row], at: float, window: float) -> Scorecard:
        # Where nothing was foretold yet there were no alarms, and that is nobody's merit.
        span = min(window, at - min((row.made for row in rows), default=at))
        series = scorecard.by(rows, lambda row: row.series, span)
        return Scorecard(
            at=at,
            window=window,
            predictors=list(map(self._standing_of, scorecard.by(rows, lambda row: row.predictor, span))),
            owners=scorecard.by(rows, lambda row: row.owner, span),
            series=series[: scorecard.WORST],
        )

    def _standing_of(self, score: Score) -> Score:
        """With its budget, and whether it is silent."""
        early = self._predicting.early
        if score.name == EARLY and (budget := self._node.config.predict.budget):
            return msgspec.structs.replace(score, budget=a_week(budget), silent=early.silent, why=early.why)
        one = self._predicting.running.get(score.name)
        if one is None:
            return score
        return msgspec.structs.replace(score, budget=one.budget, silent=one.silent, why=one.why)

    def report(self, owner: str) -> PlanningReport:
        at = self._node.clock.wall()
        items = [one for one in self._predicting.planned() if owner in ("", one.owner)]
        return PlanningReport(at=at, text=planning.text(items, at), items=items)

    async def backtest(self, since: float) -> Backtest:
        source = self._node.series.source
        if source is None:
            raise StoreError(self._node.series.trouble)
        if self._replaying.locked():
            raise LimitError("Another backtest is on its way; one at a time.")
        until, scores, words = self._node.clock.wall(), [], []
        async with self._replaying:
            self._ends = time.monotonic() + LONGEST
            for name, declared in self._node.config.prediction.items():
                try:
                    rows, reached = await self._replayed(source, name, declared, until - since, until)
                except (QueryError, LimitError) as error:
                    words.append(f"{name}: {error}")
                    continue
                if reached < until:
                    words.append(
                        f"{name}: replayed up to {moment(reached)}, then {LONGEST:.0f} seconds were over: "
                        "ask for a shorter time"
                    )
                if rows:
                    score = scorecard.score(rows, name, since)
                    scores.append(self._standing_of(score))
                else:
                    words.append(f"{name}: too little is stored to replay it")
        if self._node.config.predict.budget:
            words.append(f"{EARLY}: it is learnt as samples come, and is not replayed")
        return Backtest(since=until - since, until=until, predictors=scores, words=words)

    async def _replayed(
        self,
        source: Selects,
        name: str,
        declared: Prediction,
        since: float,
        until: float,
    ) -> tuple[list[Row], float]:
        from gadfly.predict.backtest import replay, replay_failures

        def over() -> bool:
            return time.monotonic() > self._ends

        if declared.fails:
            changes = await self._node.db.read(lambda connection: flips.since(connection, since - LEARNT))
            fleet = self._predicting.fleet(declared.fails)
            work = partial(replay_failures, source, name, declared, fleet, changes, since, until, over)
        else:
            work = partial(replay, source, name, declared, since, until, over)
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:  # not before the thread has let go of the store
            self._ends = -math.inf
            await asyncio.wait([task])
            raise


def _predictor(one: Running) -> Predictor:
    declared, look = one.config, one.look
    foreseen = look.foreseen if look is not None else []
    return Predictor(
        name=one.name,
        kind=one.gauge.kind,
        of=declared.of or declared.fails,
        full=declared.full,
        act=float(declared.act),
        owner=declared.owner,
        because=declared.because,
        review=declared.review.isoformat() if declared.review else None,
        budget=one.budget,
        alarms=one.told,
        chance=needed(declared.chance, one.told_to[declared.owner], one.budget),
        silent=one.silent,
        why=one.why,
        series=len(foreseen),
        foreseen=sum(not math.isnan(found.probability) for found in foreseen),
        at=look.at if look is not None else None,
        trouble=one.trouble,
        left_out=one.left_out,
    )


def _early(one: Watching, settings: Predict) -> Predictor:
    budget = a_week(settings.budget)
    return Predictor(
        name=EARLY,
        kind="warning",
        of=settings.of,
        act=float(settings.within),
        owner=settings.owner,
        budget=budget,
        alarms=one.told,
        chance=0.0,
        silent=one.silent,
        why=one.why,
        series=one.watch.count if one.watch is not None else 0,
        foreseen=len(one.open),
        at=one.at,
        trouble=one.trouble,
    )


def _warned(row: Row) -> Foretold:
    return Foretold(
        predictor=row.predictor,
        kind=row.kind,
        series=row.series,
        labels=row.labels,
        component=row.component,
        owner=row.owner,
        probability=row.probability,
        deadline=row.deadline,
        value=row.evidence.get("value"),
        limit=None,
        within={},
        why=str(row.evidence.get("why", "")),
        state="told" if row.told else "silent",
        since=row.made,
    )


def _name(one: Foreseen) -> str:
    return named(dict(one.key))


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None
