"""Forecasts, gauges with a limit, and heartbeats."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

PREDICTION = Table(
    "prediction",
    "Statements about the future.",
    (
        C("id", "text", ""),
        C("predictor", "text", ""),
        C("owner", "text", ""),
        C("component", "text", ""),
        C("class", "text", "of what it foretells"),
        C("made", "time", ""),
        C("deadline", "plan", ""),
        C("probability", "number", ""),
        C("base", "number", "the naive guess"),
        C("resolved", "time", ""),
        C("outcome", "text", "true, false, void", known="resolved", word=True),
        C("happened", "time", "when it came true"),
        C("to_act", "number", "seconds that doing something takes"),
        C(
            "acted",
            "time",
            "when something was done; to tell somebody is nothing. Empty: nothing was, where any has one",
        ),
        C("harmless", "text", "the decision that what it foretells does no harm"),
    ),
    born="made",
)
RESOURCE = Table(
    "resource",
    "Gauges with a hard limit.",
    (
        C("name", "text", ""),
        C("component", "text", ""),
        C("owner", "text", ""),
        C("unit", "text", ""),
        C("hard_limit", "number", ""),
        C("remedy", "number", "seconds that adding more took last time"),
        C("watched", "flag", "a check, a plan or a prediction names its limit"),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
RESOURCE_DAILY = Table(
    "resource_daily",
    "Their value a day.",
    (C("resource", "text", ""), C("day", "day", ""), C("value", "number", "median of the day")),
    born="day",
)
HEARTBEAT_DAILY = Table(
    "heartbeat_daily",
    "What a listener heard of a component a day. Scrapes and edges count as listeners `scrape` and `edge`.",
    (
        C("component", "text", ""),
        C("listener", "text", ""),
        C("day", "day", ""),
        C("beats", "integer", ""),
        C("lost", "integer", ""),
        C("gap_p50", "number", "seconds between beats while it was well"),
        C("gap_p999", "number", ""),
        C("gap_max", "number", ""),
        C("dead_after", "number", "seconds of silence after which it is called dead"),
        C("worst_hour", "number", "share lost in the worst hour"),
        C("restarted", "flag", "the listener was started on that day"),
        C("listeners", "integer", "listeners that should hear it"),
    ),
    born="day",
)
