"""Synthetic series that make a rule fire: what its expression would have to see.

For every selector of the expression a few shapes are tried (high, low, rising, falling, just risen, gone …),
all of them together evaluated as the ruler does it, until one holds from the first turn to the last. Labels
are those of a real series of the first selector where there is one, so that the alert goes where a real one
would.
"""

from __future__ import annotations

import heapq
import itertools
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gadfly.ask.drill.mark import LABEL
from gadfly.errors import LimitError, QueryError
from gadfly.promql import Limits, Matcher, parse_selector
from gadfly.promql.held import Held, holds
from gadfly.promql.tree import Aggregate, Binary, Call, Node, Number, Paren, Selector, Subquery, Unary, Window
from gadfly.promql.values import Floats, Ints
from gadfly.rules.active import Active
from gadfly.rules.evaluate import expression
from gadfly.rules.rule import Group, Rule
from gadfly.rules.standing import GroupStanding

Labels = dict[str, str]
Shape = Callable[[Ints, int], Floats] | None
"""Values at times (ms), the last of which is the second argument; NaN: no sample then. None: there is no such
series."""

TRIES = 4_000
SECONDS = 5.0
"""How long shapes are tried; most rules need less than a hundredth of it."""
POINTS = 20_000
"""Samples of one series."""
LOOKBACK = 300_000
"""ms, as the language looks back."""
TURNS = 500
"""Evaluations of one drill; a longer `for` is stepped through in wider steps."""
HUGE = 1e12
LE = ("0.001", "1", "1000", "1000000", "1000000000", "+Inf")
GUESSES = ("drill", "0", "1", "500", "5xx", "true", "x", "drill-1", "/drill", "production")


class Found(NamedTuple):
    """A synthetic failure and the alert that the rule makes of it."""

    alert: Active
    after: float
    """Seconds from the failure until it fires: `for`, and until the group's turns."""
    series: tuple[str, ...]
    """What was fed, in words."""


class Chosen(NamedTuple):
    """A selector, with the labels that its synthetic series has."""

    matchers: tuple[Matcher, ...]
    labels: Labels
    text: str


def fire(
    group: Group,
    rule: Rule,
    *,
    interval: float,
    failed: float,
    first: float,
    url: str,
    real: Callable[[Sequence[Matcher]], Labels | None] = lambda matchers: None,
    given: Sequence[str] = (),
    now: Callable[[], float] = time.monotonic,
) -> Found | None:
    """What fires it. `failed`: when the failure begins; `first`: the group's first turn after it; seconds.

    `real` gives the labels of some real series; `given` are series in words, as :func:`read` takes them,
    in place of shapes that are tried. None: nothing that was tried makes it fire. QueryError: the expression
    or what was given is none.
    """
    stride = max(1, math.ceil(rule.hold / interval / TURNS)) * interval
    count = math.ceil(rule.hold / stride) + 1
    turns = [round((first + place * stride) * 1000) for place in range(count)]
    chosen = choose(rule.node, real)
    times = _times(rule.node, turns[0], turns[-1])
    own = [read(text) for text in given]
    end = now() + SECONDS
    for shapes in itertools.islice(_orders(chosen, shapes_of(rule.node, turns[0])), TRIES):
        if now() > end:
            return None
        fed = list(zip(chosen, shapes, strict=True)) if not given else []
        source = Held([*_series(fed, times), *_given(own, times)])
        try:
            if all(_holds(source, rule, at) for at in {turns[0], turns[len(turns) // 2], turns[-1]}):
                found = _evaluated(source, group, rule, interval, turns, url)
                if found is not None:
                    words = tuple(given) or tuple(_words(one, shape) for one, shape in fed)
                    return Found(found, max(0.0, (found.firing or failed) - failed), words)
        except LimitError:
            continue
        if given:
            return None
    return None


def _holds(source: Held, rule: Rule, at: int) -> bool:
    try:
        return bool(expression(source, rule.node, at, Limits()).samples)
    except QueryError:
        return False  # with these shapes labels collide; others may not


def _evaluated(
    source: Held, group: Group, rule: Rule, interval: float, turns: Sequence[int], url: str
) -> Active | None:
    """The first alert that fires when the group has its turns."""
    alone = Group(group.name, group.file, (rule,), interval, group.limit)
    standing = GroupStanding(alone, interval)
    for at in turns:
        standing.turn(source, at, Limits(), lambda rows: None, url)
        fires = [one for one in standing.rules[0].alerts.standing() if one.firing is not None]
        if fires:
            return fires[0]
    return None


def read(text: str) -> tuple[Labels, float, float]:
    """`metric{a="b"} 97` as labels, a value, and by how much it rises a second: `metric 5/s` from 0 on.
    QueryError."""
    series, _, value = text.strip().rpartition(" ")
    rises = value.endswith("/s")
    try:
        number = float(value.removesuffix("/s"))
    except ValueError:
        number, rises = math.nan, True
    if rises and not math.isfinite(number):
        raise QueryError(
            f'{text[:100]!r} is no sample; write it as metric{{a="b"}} 97, or as metric 5/s where it rises',
            "bad_data",
        )
    labels = {one.name: one.value for one in parse_selector(series) if one.op == "="}
    return (labels, 0.0, number) if rises else (labels, number, 0.0)


def choose(node: Node, real: Callable[[Sequence[Matcher]], Labels | None]) -> list[Chosen]:
    """The distinct selectors of an expression, each with labels that it takes."""
    distinct = list(dict.fromkeys(one.matchers for one in selectors(node)))
    known = (labels for one in distinct if (labels := real(one)))
    shared: Labels = next(known, {}) or {"instance": "drill", "job": "drill"}
    shared = {name: text for name, text in shared.items() if name not in ("__name__", "le")}
    return [Chosen(matchers, _labels(matchers, shared), _shown(matchers)) for matchers in distinct]


def _labels(matchers: Sequence[Matcher], shared: Labels) -> Labels:
    labels = {"__name__": "drill", **shared, LABEL: "1"}
    for one in matchers:
        if holds(one, labels):
            continue
        if one.op == "=":
            guesses: Sequence[str] = (one.value,)
        else:
            parts = [part.strip("()^$") for part in one.value.split("|")] if one.op == "=~" else []
            plain = [part for part in parts if re.fullmatch(r"[\w/:-]+", part)]
            guesses = (*plain, *GUESSES, *parts, "")
        for guess in guesses:
            if holds(one, {**labels, one.name: guess}):
                labels[one.name] = guess
                break
        else:
            filled = re.sub(r"\[[^]]*\]|\\d", "0", re.sub(r"\.[*+]", "drill", one.value))
            labels[one.name] = filled.replace("\\", "").strip("()^$")
    return {name: text for name, text in labels.items() if text}


def _shown(matchers: Sequence[Matcher]) -> str:
    name = next((one.value for one in matchers if one.name == "__name__" and one.op == "="), "")
    rest = ", ".join(f'{one.name}{one.op}"{one.value}"' for one in matchers if one.name != "__name__")
    return f"{name}{{{rest}}}" if rest or not name else name


def selectors(node: Node) -> Iterator[Selector]:
    """All of an expression, from left to right."""
    for one in _walk(node):
        if isinstance(one, Selector):
            yield one


def _walk(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Window(selector=selector):
            yield selector
        case Subquery(inner=inner) | Paren(inner=inner) | Unary(inner=inner):
            yield from _walk(inner)
        case Aggregate(inner=inner, param=param):
            yield from _walk(inner)
            if param is not None:
                yield from _walk(param)
        case Call(args=args):
            for one in args:
                yield from _walk(one)
        case Binary(left=left, right=right):
            yield from _walk(left)
            yield from _walk(right)
        case _:
            pass


def _reach(node: Node) -> int:
    """How far back it looks, ms; a bound from above."""
    spans = 0
    for one in _walk(node):
        if isinstance(one, Window | Subquery):
            spans += one.span
        if isinstance(one, Selector | Subquery):
            spans += max(0, one.offset)
    return spans + LOOKBACK


def _times(node: Node, first: int, last: int) -> Ints:
    windows = [one.span for one in _walk(node) if isinstance(one, Window)]
    apart = max(1_000, min([60_000, *(span // 4 for span in windows)]))
    begin = first - _reach(node)
    apart = min(max(apart, (last - begin) // POINTS), LOOKBACK - 60_000)
    begin = max(begin, last - POINTS * apart)
    return np.arange(last, begin, -apart, dtype=np.int64)[::-1]


def shapes_of(node: Node, first: int) -> list[tuple[str, Shape]]:
    """What one series may look like, the simplest first; by the numbers that stand in the expression."""
    numbers = sorted(
        {one.value for one in _walk(node) if isinstance(one, Number) and math.isfinite(one.value)}
    )
    near = [
        value for number in numbers[:8] for value in (number * 1.01 + 0.001, number * 0.99 - 0.001, number)
    ]
    between = [(low + high) / 2 for low, high in itertools.pairwise(numbers[:8])]
    constants = dict.fromkeys([HUGE, 0.0, 1.0, *near, *between, -HUGE])
    found: list[tuple[str, Shape]] = [(f"{value:g}", _flat(value)) for value in list(constants)[:2]]
    found += [
        ("rising by a million a second", _line(1e6)),
        ("gone", None),
        ("1", _flat(1.0)),
        ("falling by 1 a second", _falling),
    ]
    found += [(f"{value:g}", _flat(value)) for value in list(constants)[3:] if value > 0]
    found += [
        ("rising by 1 a second", _line(1.0)),
        ("just risen", lambda at, end: np.where(at >= first - 120_000, HUGE, 1.0)),
        ("just fallen", lambda at, end: np.where(at >= first - 120_000, 0.0, HUGE)),
        ("going up and down", lambda at, end: (np.arange(len(at)) % 2).astype(np.float64)),
        ("the time of day", lambda at, end: at / 1000.0),
        ("rising by a billion a second", _line(1e9)),
        ("just gone", lambda at, end: np.where(at < first - LOOKBACK, 1.0, np.nan)),
    ]
    found += [(f"rising by {value:g} a second", _line(value)) for value in near if value > 0]
    # Last, as few things are ever below nothing.
    found += [(f"{value:g}", _flat(value)) for value in list(constants)[3:] if value < 0]
    return found


def _flat(value: float) -> Shape:
    return lambda at, end: np.full(len(at), value)


def _line(slope: float) -> Shape:
    return lambda at, end: 1.0 + (at - at[0]) / 1000.0 * slope


def _falling(at: Ints, end: int) -> Floats:
    return np.asarray(1.0 + (end - at) / 1000.0, dtype=np.float64)


def _orders(
    chosen: Sequence[Chosen], shapes: Sequence[tuple[str, Shape]]
) -> Iterator[tuple[tuple[str, Shape], ...]]:
    """Every choice of a shape for each selector; those first of which all shapes are simple."""
    start = (0,) * len(chosen)
    queue, seen = [(0, start)], {start}
    while queue:
        total, places = heapq.heappop(queue)
        yield tuple(shapes[place] for place in places)
        for which in range(len(places)):
            after = (*places[:which], places[which] + 1, *places[which + 1 :])
            if after[which] < len(shapes) and after not in seen:
                seen.add(after)
                heapq.heappush(queue, (total + 1, after))


def _series(
    fed: Sequence[tuple[Chosen, tuple[str, Shape]]], times: Ints
) -> Iterator[tuple[Labels, Ints, Floats]]:
    made: set[tuple[tuple[str, str], ...]] = set()
    for one, (_, shape) in fed:
        key = tuple(sorted(one.labels.items()))
        if shape is None or key in made:
            continue
        made.add(key)
        value = shape(times, int(times[-1]))
        there = ~np.isnan(value)
        at, value = times[there], value[there]
        if not one.labels["__name__"].endswith("_bucket"):
            yield one.labels, at, value
            continue
        for le in [one.labels["le"]] if "le" in one.labels else LE:
            # All that was counted lies in the last two buckets: as slow as it can be said.
            counted = le in (one.labels.get("le"), *LE[-2:])
            yield {**one.labels, "le": le}, at, value if counted else value * 0


def _given(own: Sequence[tuple[Labels, float, float]], times: Ints) -> Iterator[tuple[Labels, Ints, Floats]]:
    for labels, value, rise in own:
        yield {**labels, LABEL: "1"}, times, value + rise / 1000 * (times - times[0])


def _words(one: Chosen, shape: tuple[str, Shape]) -> str:
    return f"{one.text}: {shape[0]}"
