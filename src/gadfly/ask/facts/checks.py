"""What is watched, and how it looked day by day."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

CHECK = Table(
    "check",
    "Rules, probes and other conditions that tell somebody. A row for each time its definition held.",
    (
        C("name", "text", "of rules of one name with several severities `disk full (critical)`"),
        C("component", "text", "what it is about"),
        C("owner", "text", "empty: its component's"),
        C("expr", "text", "the condition as written"),
        C("reads", "text", "the metric or selector it reads"),
        C("kind", "text", "cause, symptom, blackbox, health, capacity, heartbeat, job", word=True),
        C("aggregation", "text", "mean, max, p99, rate, …: how it sums up what it reads", word=True),
        C("threshold", "number", "empty: it has none"),
        C("unit", "text", "of the threshold: %, ms, …"),
        C("above", "flag", "it fires above the threshold (also when empty); false: below"),
        C("hold", "number", "`for`, seconds"),
        C("span", "number", "its window, seconds"),
        C("interval", "number", "seconds between two looks"),
        C("severity", "text", "critical, warning, info", word=True),
        C("pages", "flag", "it wakes people"),
        C("no_data", "text", "what it says without data: ok (also when empty), unknown, fail", word=True),
        C("runbook", "text", "link or name"),
        C("runbook_state", "text", "there (also when empty), todo, dead", word=True),
        C("published", "text", "name of the published rule that it equals"),
        C("purpose", "text", "why, in words: capacity, …"),
        C("sparse", "flag", "its series is declared to appear only now and then"),
        C("scheduled", "flag", "its peaks are covered by a declared schedule or batch"),
        C("budget", "number", "seconds of failure that its objective allows"),
        C("edited", "time", "when its threshold or condition was last changed"),
        C("since", "time", "exists from then on"),
        C("until", "time", "and no longer from then on"),
    ),
    born="since",
    gone="until",
)
SAMPLE_DAILY = Table(
    "sample_daily",
    "What a check reads, summed up a day.",
    (
        C("check", "text", ""),
        C("day", "day", ""),
        C("coverage", "number", "share of the day's samples that are there; 0: no series"),
        C("min", "number", ""),
        C("max", "number", ""),
        C("mean", "number", ""),
        C("p50", "number", ""),
        C("p99", "number", ""),
        C("p999", "number", ""),
        C("near", "number", "share of its minutes within 5 % of the threshold"),
        C("past", "number", "share of its minutes beyond the threshold"),
        C("gap", "number", "longest gap, seconds"),
        C("gap_state", "text", "what the check said meanwhile: ok, firing; empty: not known", word=True),
        C("worst", "number", "times the mean that one instance had for an hour or more while it was green"),
    ),
    born="day",
)
