"""The same question to Prometheus and to ours, and whether the answers are the same."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gadfly.errors import GadflyError, QueryError
from gadfly.promql import instant, range_query
from gadfly.promql.format import data_json, seconds
from gadfly.promql.source import Source
from prometheus_peer import Prometheus
from promql_expressions import Maker
from promql_world import BASE, HOURS

TOLERANCE = 1e-9
# Differences of nearly equal results of a transcendental function are its last digit, which libraries differ in.
NOISE = 1e-12

# Go's exp, sinh and cosh overflow a little before the greatest number.
OVERFLOW = 8.9e307
EXPONENTIAL = re.compile(r"\b(exp|sinh|cosh)\b")

DATES = re.compile(r"\b(day_of_|days_in|hour|minute|month|year)")
ROUNDED = re.compile(r"\b(a?(sin|cos|tan)h?|atan2|exp|ln|log10|log2|deg|rad)\b|[%^]")

# What differs, and why; and the expressions for which that is an explanation.
EXPLAINED = {
    "dates": "of NaN and infinity Prometheus tells the parts of a date, always the same one; here they are NaN",
    "empty subquery": "Prometheus evaluates what is fixed by @ within a subquery that has no step, and refuses it",
    "ties": "which of equal values topk and bottomk take is chance in Prometheus, and the first one here",
    "window @": "of a window fixed by @, Prometheus 2.42 loses samples from the second step on, where another "
    "argument is not fixed (that of quantile_over_time, the time of predict_linear)",
    "timestamp @ offset": "Prometheus 2.42 finds nothing for timestamp() of a selector with both @ and offset",
    "range @": "Prometheus 2.42 does not answer a range selector with @ by itself: unexpected number of samples",
    "last digits": "the expression tells nothing but the rounding of numbers with all digits in use",
    "chance": "Prometheus adds the results of an inner expression in the random order of a Go map, and at some "
    "time answered as we do, or differently from itself",
}
_WHERE = {
    "dates": re.compile(f"(?=.*{DATES.pattern})(?=.*(temp|odd|NaN|Inf|/|sqrt|ln|log))"),
    "ties": re.compile("topk|bottomk"),
    "window @": re.compile("(predict_linear|quantile_over_time).*@"),
    "timestamp @ offset": re.compile("timestamp.*(@.*offset|offset.*@)"),
    "last digits": re.compile(
        rf"(?=.*(cancel|big|tiny|date))(?=.*({ROUNDED.pattern}|sum|avg|std|rate|de))|\btan\(|(sinh|cosh|exp|\^).*%|\b(sin|cos)\(.*\^"
    ),
}

Labels = tuple[tuple[str, str], ...]
Table = dict[tuple[Labels, str], float]


class Difference(NamedTuple):
    """`kind` is "same", "both refuse", a key of `EXPLAINED`, or what differs."""

    kind: str
    expression: str
    when: str
    detail: str


def differences(peer: Prometheus, source: Source, count: int, seed: int) -> Iterator[Difference]:
    """One for each of `count` generated expressions; each as an instant and as a range query."""
    maker, rnd = Maker(seed, BASE), random.Random(seed)
    for _ in range(count):
        text = maker.expression()
        yield compared(peer, source, text, _instant_at(rnd), None, 0)
        start = _instant_at(rnd)
        step = rnd.choice((15_000, 60_000, 17_500, 300_000, 125_000, 1_000_000, 301_000, 500))
        end = start + step * rnd.randrange(0, 25) + rnd.choice((0, 0, step // 3))  # also between two steps
        yield compared(peer, source, text, start, end, step)


def refusals(peer: Prometheus, source: Source, count: int, seed: int) -> Iterator[Difference]:
    """One for each of `count` expressions with a mistake in it: whether both take it or both refuse it."""
    maker, rnd = Maker(seed, BASE), random.Random(seed)
    at = BASE * 1000 + 6_000_000
    for _ in range(count):
        words = WORDS.findall(maker.expression())
        for _mistake in range(rnd.choice((1, 1, 2))):
            place = rnd.randrange(len(words) + 1)
            words[place : place + rnd.choice((0, 1, 1))] = rnd.choices(
                words + OTHER_WORDS, k=rnd.choice((0, 1, 1, 2))
            )
        text = "".join(words)
        if text:
            yield compared(peer, source, text, at, None, 0)


WORDS = re.compile(r"\s+|\w+|\"[^\"]*\"|[=!<>]=|[=!]~|.")
OTHER_WORDS = [
    "sum",
    "rate",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "@",
    "-",
    "+",
    "*",
    "^",
    "==",
    "=~",
    ">",
    "and",
    "or",
    "unless",
    "on",
    "by",
    "without",
    "offset",
    "bool",
    "ignoring",
    "group_left",
    "start()",
    "end()",
    "5m",
    "1",
    "0x",
    "1e",
    "08",
    "1.5",
    ".5",
    "5m30s",
    "30s5m",
    "1h60m",
    "0s",
    '"x"',
    '"("',
    "'y'",
    "`z`",
    '"\\q"',
    '"\\x41"',
    "temp{}",
    "{}",
    "le",
    "inf",
    "NaN",
    "__name__",
    "#",
    "%",
    "atan2",
    "5",
    ":a",
    "a:b",
    "count",
    "topk(1,",
    "quantile",
    "1_000",
    "[5m]",
    "[5m:]",
    "[5m:1m]",
    '{a=~"("}',
    "temp[5m]",
]


def _instant_at(rnd: random.Random) -> int:
    at = BASE * 1000 + rnd.randrange(-300, HOURS * 3600 + 600) * 1000
    return rnd.choice((at, at // 60_000 * 60_000, at // 15_000 * 15_000, at + rnd.randrange(1000)))


def compared(
    peer: Prometheus, source: Source, text: str, start: int, end: int | None, step: int
) -> Difference:
    """Ask both; times in ms; an instant query where `end` is none."""

    def ask() -> dict[str, Any]:
        if end is None:
            return peer.get("query", query=text, time=seconds(start))
        return peer.get("query_range", query=text, start=seconds(start), end=seconds(end), step=seconds(step))

    theirs = ask()
    when = f"from {seconds(start)} to {seconds(end)} each {seconds(step)}" if end else f"at {seconds(start)}"
    try:
        value = instant(source, text, start) if end is None else range_query(source, text, start, end, step)
        ours: dict[str, Any] = json.loads(data_json(value))
    except GadflyError as error:
        if theirs["status"] == "error":
            kind = error.kind if isinstance(error, QueryError) else "execution"
            alike = "both refuse" if kind == theirs["errorType"] else "type of error"
            return Difference(
                alike, text, when, f"{kind}: {error} | {theirs['errorType']}: {theirs['error']}"
            )
        bug = _explained(text) == "timestamp @ offset"
        return Difference("timestamp @ offset" if bug else "only ours refuses", text, when, str(error))
    if theirs["status"] == "error":
        kind = "only theirs refuses"
        if theirs["error"] == "unexpected number of samples":
            kind = "range @"
        elif "same labelset" in theirs["error"] and re.search(r"@.*\[\w+:\w+\]", text):
            kind = "empty subquery"
        return Difference(kind, text, when, theirs["error"])
    if ours["resultType"] != theirs["data"]["resultType"]:
        return Difference("type", text, when, f"{ours['resultType']} {theirs['data']['resultType']}")
    found = _same(table(theirs["data"]), table(ours), text, when)
    if found.kind in ("value", "elements"):
        for _ in range(20):
            again = ask()
            if not _agree(again, theirs, text) or _agree(again, {"data": ours}, text):
                return found._replace(kind="chance")
    return found


def _agree(one: dict[str, Any], other: dict[str, Any], text: str) -> bool:
    return _same(table(one["data"]), table(other["data"]), text, "", 1e-12).kind == "same"


def table(data: dict[str, Any]) -> Table:
    """Every value of an answer by its labels and time."""
    result, kind = data["result"], data["resultType"]
    if kind == "string":
        return {((("text", result[1]),), str(result[0])): 0.0}
    if kind == "scalar":
        return {((), str(result[0])): float(result[1])}
    found: Table = {}
    for one in result:
        labels = tuple(sorted(one["metric"].items()))
        for at, value in one["values"] if kind == "matrix" else [one["value"]]:
            found[labels, str(at)] = float(value)
    return found


def _same(theirs: Table, ours: Table, text: str, when: str, most: float = TOLERANCE) -> Difference:
    missing, more = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
    if missing or more:
        detail = f"missing {sorted(missing)[:2]}, more {sorted(more)[:2]} of {len(theirs)}"
        return Difference(_explained(text) or "elements", text, when, detail)
    worst = 0.0
    detail = ""
    for place, want in theirs.items():
        if ROUNDED.search(text) and abs(want - ours[place]) < NOISE:
            continue
        if math.isinf(want) and abs(ours[place]) > OVERFLOW and EXPONENTIAL.search(text):
            continue
        gap = distance(want, ours[place])
        if DATES.search(text) and ours[place] != ours[place]:
            continue  # of NaN and infinity Prometheus tells a date, always the same one; we tell NaN
        if gap > worst:
            worst, detail = gap, f"{place}: {want!r} theirs, {ours[place]!r} ours, off by {gap:.2g}"
    if worst <= most:
        return Difference("same", text, when, "")
    return Difference(_explained(text) or "value", text, when, detail)


def _explained(text: str) -> str:
    return next((name for name, pattern in _WHERE.items() if pattern.search(text)), "")


def distance(one: float, other: float) -> float:
    """Relative; 0 for two NaNs, equal infinities, and neighbours among the smallest numbers there are."""
    if one == other or (one != one and other != other):
        return 0.0
    if not (math.isfinite(one) and math.isfinite(other)):
        return math.inf
    if abs(one - other) <= 1e-322:  # a digit of numbers that have no more
        return 0.0
    return abs(one - other) / max(abs(one), abs(other))
