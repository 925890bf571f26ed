"""Which series there are: label → value → the ascending numbers of the series that have it, in memory.

Numbers are given once and never again, so the list of a value only grows at its end, and what an expression
matched among the values seen so far need not be matched again.
"""

from __future__ import annotations

import heapq
import sys
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.config.series import Series as Settings
from gadfly.promql.source import Cardinality, Labels, Matcher
from gadfly.store.series import matching
from gadfly.store.series.label_rules import Key, key, objection
from gadfly.store.series.owner import by_node

Ids = NDArray[np.int64]

NOBODY, SENDER, NODE = 0, 1, 2
"""Whose a number is: it stands for no series, for one that senders may write, for one of the node itself."""
REMEMBERED = 256
"""Expressions whose matches are remembered: those of a few dashboards and rule files."""


class Named(NamedTuple):
    """A series as it stands in the file of names."""

    number: int
    key: Key
    source: str


class _Matched:
    __slots__ = ("seen", "values")

    def __init__(self) -> None:
        self.seen = 0
        self.values: list[str] = []


class Index:
    """Safe in any thread; every call holds one lock."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._next = 0
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._keys: dict[int, Key] = {}
        self._source: dict[int, str] = {}
        self._postings: dict[str, dict[str, array[int]]] = {}
        self._standing = np.zeros(1024, dtype=np.uint8)
        """By number, whose it is; the last one always nobody's."""
        self._live: set[int] = set()
        self._live_of: dict[str, int] = {}
        self._matched: OrderedDict[tuple[str, str, str], _Matched] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def bound(self) -> int:
        """One more than the greatest number given so far."""
        return self._next

    def intern(
        self, labels: Sequence[Mapping[str, str]], source: str
    ) -> tuple[Ids, list[Named], list[tuple[str, Key]]]:
        """Their numbers (-1: refused), the new ones among them, and the refused with their reasons."""
        numbers = np.empty(len(labels), dtype=np.int64)
        new: list[Named] = []
        refused: list[tuple[str, Key]] = []
        with self._lock:
            for position, one in enumerate(labels):
                found = key(one)
                number = self._numbers.get(found, -1)
                if number not in self._live:
                    reason = self._reason(found, number, source)
                    if reason is not None:
                        refused.append((reason, found))
                        number = -1
                    else:
                        if number < 0:
                            number = self._next
                            self._add(Named(number, found, source))
                            new.append(Named(number, self._keys[number], source))
                        self._enliven(number)
                numbers[position] = number
        return numbers, new, refused

    def _reason(self, found: Key, number: int, source: str) -> str | None:
        if number < 0:
            reason = objection(found, self._settings)
            if reason is not None:
                return reason
            if len(self._keys) >= self._settings.series:
                return "series"
        elif not by_node(source):
            # The node comes to its own series whoever began it, and whatever else that one has.
            source = self._source[number]
        full = self._live_of.get(source, 0) >= self._settings.series_per_source
        return "series_per_source" if full else None

    def _enliven(self, number: int) -> None:
        self._live.add(number)
        source = self._source[number]
        self._live_of[source] = self._live_of.get(source, 0) + 1

    def _add(self, one: Named) -> None:
        one = one._replace(key=tuple(map(sys.intern, one.key)))  # the same words stand in many series
        for name, value in zip(one.key[::2], one.key[1::2], strict=True):
            values = self._postings.setdefault(name, {})
            posting = values.get(value)
            if posting is None:
                posting = values[value] = array("I")
            posting.append(one.number)
        self._numbers[one.key] = one.number
        self._keys[one.number] = one.key
        self._source[one.number] = one.source
        self._next = max(self._next, one.number + 1)
        if one.number >= len(self._standing) - 1:
            grown = np.zeros(max(2 * len(self._standing), one.number + 2), dtype=np.uint8)
            grown[: len(self._standing)] = self._standing
            self._standing = grown
        self._standing[one.number] = NODE if by_node(one.source) else SENDER

    def assign(self, ids: Ids, source: str) -> list[Named]:
        """From now on these series are counted under that source, and are its owner's; they, named anew."""
        with self._lock:
            found = []
            for number in ids.tolist():
                if number in self._live:
                    before = self._source[number]
                    self._live_of[before] -= 1
                    self._live_of[source] = self._live_of.get(source, 0) + 1
                self._source[number] = source
                found.append(Named(number, self._keys[number], source))
            self._standing[ids] = NODE if by_node(source) else SENDER
        return found

    def load(self, named: Iterable[Named]) -> None:
        """Take what the file of names says, the last word on each number; none of them live yet."""
        with self._lock:
            for one in sorted({one.number: one for one in named}.values()):
                if one.number not in self._keys:
                    self._add(one)

    def reserve(self, bound: int) -> None:
        """Give no number below this one any more: some stand in blocks or the journal, whoever they were."""
        with self._lock:
            self._next = max(self._next, bound)

    def revive(self, live: Ids) -> None:
        """From now on only these are live: those with a sample in the head."""
        with self._lock:
            self._live = {number for number in live.tolist() if number in self._keys}
            self._live_of = {}
            for number in self._live:
                source = self._source[number]
                self._live_of[source] = self._live_of.get(source, 0) + 1

    def live(self) -> dict[str, int]:
        """Live series by source."""
        with self._lock:
            return dict(self._live_of)

    def forget(self, kept: set[int]) -> list[Named]:
        """Keep these and the live ones; what is left, in ascending order."""
        with self._lock:
            live = self._live
            left = [
                Named(number, found, self._source[number])
                for number, found in sorted(self._keys.items())
                if number in kept or number in live
            ]
            self._clear()
            for one in left:
                self._add(one)
            for number in live:
                self._enliven(number)
        return left

    def standing(self, ids: Ids) -> NDArray[np.uint8]:
        """Of each of these numbers, whose it is."""
        standing = self._standing
        return standing[np.where((ids >= 0) & (ids < len(standing)), ids, len(standing) - 1)]

    def owned(self, labels: Mapping[str, str]) -> bool:
        """Whether a series of these labels is the node's own."""
        with self._lock:
            number = self._numbers.get(key(labels), -1)
            return bool(self._standing[number] == NODE)

    def source(self, number: int) -> str:
        """Under which a series is counted."""
        return self._source[number]

    def key(self, number: int) -> Key:
        """Its labels; empty where it is none."""
        return self._keys.get(number, ())

    def labels(self, ids: Ids) -> list[Labels]:
        """The labels of each."""
        with self._lock:
            keys = [self._keys[number] for number in ids.tolist()]
        return [dict(zip(one[::2], one[1::2], strict=True)) for one in keys]

    def by_metric(self, ids: Ids) -> Ids:
        """Positions in `ids` (ascending) so that the series of a metric are neighbours."""
        with self._lock:
            metric = np.zeros(len(ids), dtype=np.int64)
            for number, posting in enumerate(self._postings.get("__name__", {}).values(), start=1):
                mine = np.array(posting, dtype=np.int64)
                where = np.searchsorted(ids, mine)
                where[where == len(ids)] = 0
                metric[where[ids[where] == mine]] = number
        return np.argsort(metric, kind="stable")

    def named(self) -> list[Named]:
        """All of them."""
        with self._lock:
            return [Named(number, found, self._source[number]) for number, found in self._keys.items()]

    def find(self, matchers: Sequence[Matcher]) -> Ids:
        """The ascending numbers of the series that meet every matcher."""
        tests = [(one, matching.test(one)) for one in matchers]
        with self._lock:
            found: Ids | None = None
            without: list[Ids] = []
            for one, meets in tests:
                if meets(""):
                    # Also those that do not have the label: take away those whose value does not match.
                    without.append(self._union(one, meets, wanted=False))
                else:
                    ids = self._union(one, meets, wanted=True)
                    found = ids if found is None else _both(found, ids)
            if found is None:
                found = np.fromiter(self._keys, np.int64, len(self._keys))
        for ids in without:
            found = np.setdiff1d(found, ids, assume_unique=True)
        return found

    def _union(self, matcher: Matcher, meets: Callable[[str], bool], *, wanted: bool) -> Ids:
        """The series whose value meets the matcher (`wanted`), or has it and does not."""
        values = self._postings.get(matcher.name)
        if not values:
            return np.empty(0, dtype=np.int64)
        if matcher.op == ("=" if wanted else "!="):
            posting = values.get(matcher.value)
            return np.array(posting if posting is not None else (), dtype=np.int64)
        remembered = (matcher.name, matcher.op, matcher.value)
        matched = self._matched.get(remembered)
        if matched is None:
            matched = self._matched[remembered] = _Matched()
            if len(self._matched) > REMEMBERED:
                self._matched.popitem(last=False)
        self._matched.move_to_end(remembered)
        if matched.seen < len(values):
            matched.values += [
                value for value in islice(values, matched.seen, None) if meets(value) == wanted
            ]
            matched.seen = len(values)
        if not matched.values:
            return np.empty(0, dtype=np.int64)
        parts = [np.array(values[value], dtype=np.int64) for value in matched.values]
        return np.sort(np.concatenate(parts), kind="stable")

    def cardinality(self, limit: int) -> Cardinality:
        """How many series there are, and of what."""

        def most(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
            return heapq.nlargest(limit, counted, key=lambda one: one[1])

        with self._lock:
            postings = self._postings
            return Cardinality(
                len(self._keys),
                sum(map(len, postings.values())),
                None,
                None,
                most((value, len(found)) for value, found in postings.get("__name__", {}).items()),
                most((name, len(values)) for name, values in postings.items()),
                most((name, sum(map(len, values))) for name, values in postings.items()),
                most(
                    (f"{name}={value}", len(found))
                    for name, values in postings.items()
                    for value, found in values.items()
                ),
            )

    def names(self, ids: Ids | None) -> list[str]:
        """Sorted names of the labels of these series; None: of all."""
        with self._lock:
            if ids is None:
                return sorted(self._postings)
            return sorted({name for number in ids.tolist() for name in self._keys[number][::2]})

    def values(self, name: str, ids: Ids | None) -> list[str]:
        """Sorted values of that label in these series; None: in all."""
        with self._lock:
            values = self._postings.get(name, {})
            if ids is None:
                return sorted(values)
            wanted = np.zeros(self._next, dtype=np.bool_)
            wanted[ids] = True
            return sorted(value for value, posting in values.items() if wanted[np.array(posting)].any())


def _both(one: Ids, other: Ids) -> Ids:
    """The numbers in both; each ascends. The fewer are looked for among the more: a job's in a metric's."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    if not len(many):
        return few
    where = np.searchsorted(many, few)
    where[where == len(many)] = 0
    met: Ids = few[many[where] == few]
    return met
