"""Predictions as a node shows them: two disks that fill, one that is too young, and their record."""

from __future__ import annotations

import math

from gadfly.errors import Refused
from gadfly.predict.planning import Item
from gadfly.predict.scorecard import Bin, Score
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

HOUR, DAY = 3600.0, 86_400.0
EVIL = "<img src=x onerror=alert(1)> \u202eevil"
LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


class SimulatedPredictions:
    """What does not change, at one moment."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self, predictor: str, owner: str, limit: int) -> Predictions:
        standing = [
            self._foretold("db-1", 0.93, "told", f"falls by 1.2 GB a day since Monday {EVIL}"),
            self._foretold(EVIL, 0.31, "withheld", "falls at night, and is cleaned up on Sundays"),
            self._foretold("new", None, "quiet", "too little to say: 3 points, and 24 are needed"),
        ]
        return Predictions(
            at=self.at,
            predictors=[
                Predictor(
                    name="disk",
                    of="disk_free_bytes",
                    full="0",
                    act=12 * HOUR,
                    owner="platform",
                    budget=1.0,
                    alarms=1,
                    chance=0.5,
                    series=3,
                    foreseen=2,
                    at=self.at,
                ),
                Predictor(
                    name="queue",
                    of="queue_depth",
                    full="1000",
                    act=HOUR,
                    owner="payments",
                    budget=2.0,
                    chance=0.5,
                    silent=True,
                    why="skill -12 % over 40 predictions",
                ),
            ],
            standing=standing[:limit],
            total=3,
        )

    def _foretold(self, host: str, probability: float | None, state: str, why: str) -> Foretold:
        known = probability is not None
        return Foretold(
            predictor="disk",
            series=f'disk_free_bytes{{host="{host}"}}',
            labels={"host": host},
            component="api-00003" if host == "db-1" else "",
            owner="platform",
            probability=probability,
            deadline=self.at + 12 * HOUR,
            value=4.2e9 if known else None,
            limit=0.0,
            within={"0.1": 5 * HOUR, "0.5": 8 * HOUR, "0.9": 2 * DAY} if known else {},
            why=why,
            state=state,  # type: ignore[arg-type]
            since=self.at - 600 if state == "told" else None,
        )

    def fan(self, predictor: str, series: str) -> Fan:
        if "db-1" not in series:
            raise Refused("Too little is known of it to say how it will go on.", 409)
        past = [self.at - (160 - n) * HOUR for n in range(161)]
        ahead = [self.at + n * HOUR for n in range(25)]
        values = [25e9 - n * 0.13e9 + 0.4e9 * math.sin(n / 4) for n in range(161)]
        return Fan(
            predictor=predictor,
            series=series,
            limit=0.0,
            deadline=self.at + 12 * HOUR,
            past=Past(at=past, value=[None if n in (120, 121) else value for n, value in enumerate(values)]),
            ahead=Ahead(
                at=ahead,
                levels=LEVELS,
                values=[
                    [values[-1] - n * 0.35e9 + (level - 0.5) * n**0.7 * 1e9 for level in LEVELS]
                    for n in range(25)
                ],
            ),
            why=f"falls by 1.2 GB a day {EVIL}",
        )

    async def history(
        self, *, predictor: str, series: str, owner: str, told: bool, open: bool, limit: int
    ) -> MadePredictions:
        outcomes = ["", "came true", "did not", "void"]
        found = [
            Made(
                id=n,
                predictor="disk",
                kind="capacity",
                series=f'disk_free_bytes{{host="{EVIL if n == 5 else n}"}}',
                owner="platform",
                made=self.at - n * HOUR,
                deadline=self.at - n * HOUR + 12 * HOUR,
                probability=0.1 * (n % 10),
                base=0.02,
                told=n % 4 == 1,
                outcome=outcomes[n % 4],  # type: ignore[arg-type]
                why="full at 03:12" if n % 4 == 1 else "",
                entry=n if n % 2 else None,
            )
            for n in range(40)
        ]
        return MadePredictions(
            predictions=[one for one in found if one.told >= told and (not open or not one.outcome)][:limit]
        )

    async def scorecard(self, window: float | None) -> Scorecard:
        bins = tuple(
            Bin(
                low=n / 10,
                high=(n + 1) / 10,
                count=(60, 9, 4, 0, 3, 2, 0, 3, 5, 8)[n],
                foretold=None if n in (3, 6) else n / 10 + 0.05,
                happened=None if n in (3, 6) else min(1.0, n / 10 + 0.02),
            )
            for n in range(10)
        )
        good = Score(
            name="disk",
            kind="capacity",
            open=3,
            resolved=94,
            came_true=14,
            did_not=80,
            void=1,
            brier=0.031,
            naive=0.12,
            skill=0.74,
            reliability=bins,
            told=6,
            told_true=5,
            precision=0.83,
            lead=14 * HOUR,
            alarms_a_week=0.8,
            budget=1.0,
        )
        bad = Score(
            name="queue",
            kind="capacity",
            resolved=40,
            came_true=4,
            did_not=36,
            brier=0.11,
            naive=0.1,
            skill=-0.12,
            reliability=(),
            told=5,
            told_true=1,
            precision=0.2,
            alarms_a_week=2.5,
            budget=2.0,
            silent=True,
            why=f"skill -12 % over 40 predictions {EVIL}",
        )
        return Scorecard(at=self.at, window=28 * DAY, predictors=[bad, good], owners=[], series=[])

    def report(self, owner: str) -> PlanningReport:
        item = Item(
            predictor="disk",
            owner="platform",
            series=f'disk_free_bytes{{host="{EVIL}"}}',
            component="",
            value=4.2e9,
            limit=0.0,
            a_day=-1.2e9,
            soonest=2 * DAY,
            median=4 * DAY,
            latest=None,
            month=0.97,
            takes="32 GB more would last for another 27 days",
        )
        ends = Item(
            predictor="licence",
            kind="ends",
            owner="platform",
            series="licence_left",
            component="",
            value=10 * DAY,
            limit=0.0,
            a_day=-DAY,
            soonest=10 * DAY,
            median=10 * DAY,
            latest=10 * DAY,
            month=1.0,
            takes="renew it",
        )
        return PlanningReport(at=self.at, text="disk fills", items=[item, ends])

    async def backtest(self, since: float) -> Backtest:
        return Backtest(since=self.at - since, until=self.at, predictors=[], words=[])
