"""What the API gives of predictions. None where too little is known to say; times are wall seconds."""

from __future__ import annotations

from typing import Literal

from gadfly.predict.planning import Item
from gadfly.predict.scorecard import Score
from gadfly.web.answers import Answer


class Predictor(Answer, frozen=True, kw_only=True):
    """One that is at work."""

    name: str
    kind: str = "capacity"
    """`capacity`: of a gauge with a limit; `failure`: of components; `warning`: that a series is strange"""
    of: str
    full: str = ""
    act: float
    """Seconds that its owner needs"""
    owner: str
    because: str = ""
    review: str | None = None
    budget: float
    """Alarms a week"""
    alarms: int = 0
    """Those of the last seven days"""
    chance: float
    """The probability from which it tells now; higher while the budget is spent"""
    silent: bool = False
    why: str = ""
    """Why it is silent"""
    series: int = 0
    """How many it looks at"""
    foreseen: int = 0
    """Of how many it can say something"""
    at: float | None = None
    """When it looked last"""
    trouble: str = ""
    """Why it could not look"""
    left_out: str = ""
    """Which series it has no room for, in words"""


class Foretold(Answer, frozen=True, kw_only=True):
    """What is foreseen of one series now."""

    predictor: str
    kind: str = "capacity"
    series: str
    labels: dict[str, str]
    component: str = ""
    owner: str = ""
    probability: float | None
    deadline: float
    value: float | None
    limit: float | None
    within: dict[str, float | None]
    """Seconds until it is full, by level: with a chance of `0.1` it is sooner than that"""
    why: str = ""
    state: Literal["quiet", "told", "withheld", "silent"] = "quiet"
    """`withheld`: the budget is spent; `silent`: its predictor is demoted"""
    since: float | None = None
    """Since when its alarm stands"""


class Predictions(Answer, frozen=True, kw_only=True):
    """What is foreseen, the most probable first."""

    at: float
    predictors: list[Predictor]
    standing: list[Foretold]
    total: int


class Past(Answer, frozen=True, kw_only=True):
    at: list[float]
    value: list[float | None]


class Ahead(Answer, frozen=True, kw_only=True):
    at: list[float]
    levels: list[float]
    values: list[list[float]]
    """A list for each time: the value at each level"""


class Fan(Answer, frozen=True, kw_only=True):
    """How a series went, and how it will go on."""

    predictor: str
    series: str
    limit: float | None
    deadline: float
    past: Past
    ahead: Ahead
    why: str = ""


class Made(Answer, frozen=True, kw_only=True):
    """A prediction, and what became of it."""

    id: int
    predictor: str
    kind: str
    series: str
    component: str = ""
    owner: str = ""
    made: float
    deadline: float
    probability: float
    base: float
    """The naive guess at that time"""
    told: bool
    outcome: Literal["", "came true", "did not", "void"] = ""
    """Empty: its time has not come"""
    resolved: float | None = None
    happened: float | None = None
    why: str = ""
    entry: int | None = None
    """Its place in the ledger"""


class MadePredictions(Answer, frozen=True, kw_only=True):
    """The newest first."""

    predictions: list[Made]


class Scorecard(Answer, frozen=True, kw_only=True):
    """How good predictions were, the least skilled first."""

    at: float
    window: float
    """Seconds"""
    predictors: list[Score]
    owners: list[Score]
    series: list[Score]
    """The hundred least skilled"""


class PlanningReport(Answer, frozen=True, kw_only=True):
    """What fills in the weeks to come, soonest first."""

    at: float
    text: str
    items: list[Item]


class Backtest(Answer, frozen=True, kw_only=True):
    """The scorecard that today's predictors would have had."""

    since: float
    until: float
    predictors: list[Score]
    words: list[str]
    """What could not be replayed, and why"""
