"""The tables of predictions: what is foreseen, how long its owner needs, and how many alarms it may cost."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config.section import Duration, Section


class Prediction(Section, frozen=True, kw_only=True):
    """A gauge with a limit (or many: each series is one) that somebody wants to know of before it is full; or
    components before they fail."""

    of: str = ""
    """What fills, in PromQL: every series of the answer is foreseen by itself."""
    full: str = ""
    """Where it is full, in PromQL: a number (`"0"` for what runs out), or series with the same labels as
    those of `of` (`disk_total_bytes`). Whether it rises or falls towards it is seen by itself. `time()`: its
    value is the Unix time at which it ends, as that of a certificate."""
    fails: str = ""
    """In place of `of` and `full`: the components of which is foreseen that they fail, by a selector such as
    `group = "workers"`. `act` is then how far ahead, in whole hours."""
    act: Duration
    """How long its owner needs to do something about it. It is told when it is likely to be full within one
    and a half times as long, so that in the median the owner has the time."""
    owner: str
    """Who answers for it, and is told where neither the series' labels nor its component name another."""
    because: str = ""
    """Why it matters, for whoever is told. Empty: what fills and how says enough."""
    budget: str = "2 alarms a week"
    """What it may cost each owner in attention. While it is spent, only what is all but certain is told: two
    a week are read, ten are not."""
    chance: float = 0.5
    """From which probability it is told, while there is budget left: more likely than not."""
    every: Duration = Duration(300.0)
    """How often it is looked at. Five minutes are little against the hours that an owner needs."""
    history: Duration = Duration(28 * 86_400.0)
    """How much of the past is read: four weeks, so that what comes every week was seen four times."""
    severity: Literal["critical", "warning", "info"] = "warning"
    """`warning` waits for the owner's hours, as there is time to act; `critical` is told at any hour. Where
    the owner needs longer to react than a night lasts, `warning` is right."""
    labels: dict[str, str] = {}
    """More labels of its alerts, for routes."""
    review: dt.date | None = None
    """When its owner looks at it again."""


class Predict(Section, frozen=True, kw_only=True):
    """What holds for all predictions; and early warning, which looks at every series that is kept.

    It says that something is the strangest for long, of whatever series it is. Its only knob is how often.
    """

    budget: str = ""
    """How many alarms of early warning may come in all: `"3 alarms a week"`. Its threshold follows from that.
    Empty: it is off, as it needs somebody who looks."""
    of: str = '{__name__=~".+",__name__!~"gadfly_.*"}'
    """The series that it looks at: a selector. All but what the node says of itself and of predictions."""
    owner: str = ""
    """Who is told where neither the series' labels nor its component name an owner; needed where it is on."""
    within: Duration = Duration(6 * 3600.0)
    """What a warning says: within so long an alert of the same component will fire. Half a shift; what comes
    later has another cause. By that it is scored."""
    window: Duration = Duration(90 * 86_400.0)
    """The time of which the scorecard is made, and by which a predictor falls silent: a quarter."""
    report: str = "0 8 * * 1"
    """When owners get the planning report: cron, with a zone behind it where UTC is not meant. Monday
    morning, when weeks are planned. Empty: none is sent."""


NEEDED: dict[tuple[type[Section], str], str] = {
    (Prediction, "act"): "its owner must say how long it takes to do something about it, as 12h",
    (Prediction, "owner"): "whoever wrote it must name an owner, who is told and answers for it",
}
"""What is said where one of these is missing."""
