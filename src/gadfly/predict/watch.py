"""Early warning over whatever series a selector means: samples in, alarms out. In a thread; tells nobody."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from gadfly.errors import FormatError
from gadfly.predict.prediction import Key, key
from gadfly.promql import Limits, Matcher
from gadfly.promql.source import Chunk, Selects

SERIES = 20_000
"""Series that are watched at most: ten megabytes."""
GONE = 86_400.0
"""Seconds without a sample after which a series may be forgotten."""
CLEARED = 0.25
"""Where there is no room, and of what is watched at least this share is gone, all is learnt anew."""
LAG = 30.0
"""Seconds that samples may come late; younger ones are looked at next time."""
LONGEST = 900.0
"""Seconds of samples that are read at once."""
GROWS = ("_total", "_count", "_sum")
"""Ends of the names of counters, of which the rate is looked at; buckets are left out."""
LIMITS = Limits(samples=5_000_000, series=1_000_000)

_decoder = msgspec.msgpack.Decoder(tuple[float, list[tuple[tuple[str, str], ...]], bytes, bytes])


class Strange(NamedTuple):
    """One point of a series that is the strangest for long."""

    key: Key
    at: float
    value: float
    """Of a counter its rate a second."""
    score: float
    """In [0.5, 1]."""
    why: str


class Watch:
    """`alarms_a_week` of all series together. Not to be used by two threads at once."""

    def __init__(self, alarms_a_week: float) -> None:
        from gadfly.predict.warning import Detector

        self._detector = Detector(alarms_a_week=alarms_a_week)
        self._numbers: dict[Key, int] = {}
        self._before: NDArray[np.float64] = np.empty((2, 0))
        """Of each counter the time and the value of the last sample."""
        self._seen: dict[Key, float] = {}
        self.at = 0.0
        """Up to which time everything was looked at."""
        self.unwatched = 0
        """Series for which there is no room."""

    @property
    def count(self) -> int:
        """Series that are watched."""
        return len(self._numbers)

    def budget(self, alarms_a_week: float) -> None:
        """From now on so many."""
        self._detector.alarms_a_week = alarms_a_week

    def look(self, source: Selects, of: tuple[Matcher, ...], now: float) -> list[Strange]:
        """What is strange in what came since the last look. LimitError, StoreError."""
        end = now - LAG
        if self.at > end or self.at < end - LONGEST:
            self.at = (
                end - LAG
            )  # the first look, or it was away, or the clock was set: what was missed is missed
        chunk = source.select(of, round(self.at * 1000), round(end * 1000), LIMITS)
        self.at = end
        if self.unwatched:
            self._make_room()
        return list(self._look(chunk))

    def _look(self, chunk: Chunk) -> Iterator[Strange]:
        numbers, grows = self._known(chunk)
        starts, ends = chunk.offsets[:-1], chunk.offsets[1:]
        keys = list(self._numbers)
        for turn in range(int(np.max(ends - starts, initial=0))):
            chosen = np.flatnonzero((ends - starts > turn) & (numbers >= 0))
            places = starts[chosen] + turn
            at, series = chunk.at[places] / 1000, numbers[chosen]
            values = self._rated(series, at, chunk.value[places], grows[chosen])
            scores = self._detector.take(series, at, values)
            for row in np.flatnonzero(scores.alarm).tolist():
                yield Strange(
                    keys[int(series[row])],
                    float(at[row]),
                    float(values[row]),
                    float(scores.score[row]),
                    words(int(scores.why[row])),
                )

    def _known(self, chunk: Chunk) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The numbers of the chunk's series, -1 without room, meaning or samples; and which are counters."""
        self.unwatched = 0
        numbers = np.full(len(chunk.labels), -1, np.int64)
        grows = np.zeros(len(chunk.labels), np.bool_)
        for row in np.flatnonzero(np.diff(chunk.offsets)).tolist():
            labels = chunk.labels[row]
            name = labels.get("__name__", "")
            if name.endswith("_bucket"):
                continue
            series = key(labels)
            number = self._numbers.get(series, -1)
            if number < 0 and len(self._numbers) >= SERIES:
                self.unwatched += 1
                continue
            if number < 0:
                number = self._numbers[series] = len(self._numbers)
            numbers[row], grows[row] = number, name.endswith(GROWS)
            self._seen[series] = self.at
        more = len(self._numbers) - self._before.shape[1]
        if more:
            self._detector.grow(len(self._numbers))
            self._before = np.concatenate([self._before, np.full((2, more), np.nan)], axis=1)
        return numbers, grows

    def _make_room(self) -> None:
        """Begin anew where enough of what is watched is no more: names that come and go must not end it."""
        from gadfly.predict.warning import Detector

        gone = sum(self._seen.get(one, 0.0) < self.at - GONE for one in self._numbers)
        if gone >= CLEARED * len(self._numbers):
            self._detector = Detector(alarms_a_week=self._detector.alarms_a_week)
            self._numbers, self._before, self._seen = {}, np.empty((2, 0)), {}

    def _rated(
        self,
        series: NDArray[np.int64],
        at: NDArray[np.float64],
        values: NDArray[np.float64],
        grows: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Counters as their increase a second since the sample before, from 0 after a reset; others as they
        are."""
        if not grows.any():
            return values
        before_at, before = self._before[:, series]
        self._before[:, series] = at, values
        with np.errstate(all="ignore"):  # what is not a number is no sample
            risen = np.where(values >= before, values - before, values)
            rate = np.where(at > before_at, risen / (at - before_at), np.nan)
        return np.where(grows, rate, values)

    def state(self) -> bytes:
        """Everything, to be :meth:`restored` after a restart."""
        before = self._before.astype("<f8").tobytes()
        return zlib.compress(
            msgspec.msgpack.encode((self.at, list(self._numbers), before, self._detector.state())), 1
        )

    @classmethod
    def restored(cls, data: bytes, alarms_a_week: float) -> Watch:
        """What `state` gave. FormatError where it is none, or of another version."""
        from gadfly.predict.warning import Detector

        found = cls(alarms_a_week)
        try:
            found.at, keys, before, detector = _decoder.decode(zlib.decompress(data))
        except (zlib.error, msgspec.MsgspecError) as error:
            raise FormatError("this is not a state of early warning; it begins anew") from error
        found._numbers = {one: number for number, one in enumerate(keys)}
        found._seen = dict.fromkeys(found._numbers, found.at)
        found._detector = Detector.restored(detector)
        found._detector.alarms_a_week = alarms_a_week
        if len(found._numbers) != found._detector.count or len(before) != 16 * len(found._numbers):
            raise FormatError("the state of early warning does not fit together; it begins anew")
        found._before = np.frombuffer(before, "<f8").astype(np.float64).reshape(2, -1)
        return found


_WORDS = {
    "HIGH": "higher than it used to be",
    "LOW": "lower than it used to be",
    "JUMP": "away from the points just before",
    "LEVEL": "at a level that is not that of the day before",
    "TREND": "in a day that is not like the days before",
    "DAY": "not what this hour of the day used to be",
    "LOUD": "rougher than it used to be",
    "QUIET": "smoother than it used to be",
    "DENSE": "jumping more often than it used to",
    "SPARSE": "not jumping for longer than it used to",
}


def words(view: int) -> str:
    """What is strange, by the number of the view that found it strangest."""
    from gadfly.predict.warning import View

    return _WORDS.get(View(view).name, "strange") if view in set(View) else "strange"
