"""The seam between the evaluator and whatever keeps the series: what a store must answer, and in which shape.

A selector is read as one `Chunk`: its series and, in columns, all of their samples. The evaluator never asks
for a single series or a single sample, so a store can answer with one scan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gadfly.promql.limits import Limits

Labels = dict[str, str]

# The NaN that says "the series ended here": no value, and nothing older is to be looked back at.
STALE_BITS = 0x7FF0000000000002
STALE: float = np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0]


class Chunk(NamedTuple):
    """The samples that one selector reads, columns in CSR form.

    Samples of series i are ``at[offsets[i]:offsets[i + 1]]``. A series without samples may stand here or not.
    """

    labels: list[Labels]
    """One a series, `__name__` among them; no label with an empty value; no two alike. Never changed."""
    offsets: NDArray[np.int64]
    """len(labels) + 1 positions, the first 0, the last len(at)."""
    at: NDArray[np.int64]
    """Milliseconds since the epoch, ascending within a series, no two alike."""
    value: NDArray[np.float64]
    """The stale marker is `STALE`, bit for bit; every other NaN is a value."""


class Matcher(NamedTuple):
    """One condition on a label. A label that is not there counts as the empty string.

    Expressions are anchored at both ends, in RE2's syntax.
    """

    name: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str


class Metadata(NamedTuple):
    """What is known of a metric's name: type as in the exposition format, help, unit."""

    type: str
    help: str
    unit: str


class Cardinality(NamedTuple):
    """How many series there are, and of what: each list the greatest first."""

    series: int
    pairs: int
    """Pairs of a label and a value."""
    oldest: int | None
    newest: int | None
    """Times of the samples in memory, ms; None where there are none."""
    by_metric: list[tuple[str, int]]
    """Series of a metric."""
    values: list[tuple[str, int]]
    """Values of a label."""
    bytes: list[tuple[str, int]]
    """Bytes of the values of a label."""
    by_pair: list[tuple[str, int]]
    """Series with ``label=value``."""


class Selects(Protocol):
    """What an evaluation needs. Answers synchronously; called in a thread of the caller's."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        """The samples with ``start < at <= end`` of the series that meet every matcher.

        Times are ms since the epoch. Raises `LimitError` before more than `limit.samples` samples or
        `limit.series` series are read.
        """
        ...


class Source(Selects, Protocol):
    """And what whoever asks needs besides; likewise."""

    def label_names(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted names of the labels of the series that meet one of the lists (of all, without any)."""
        ...

    def label_values(
        self, name: str, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted values of that label in those series."""
        ...

    def series(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None, limit: Limits
    ) -> list[Labels]:
        """The label sets that meet one of the lists."""
        ...

    def metadata(self, metric: str | None = None) -> dict[str, list[Metadata]]:
        """By metric name; of all, or of one."""
        ...

    def cardinality(self, limit: int) -> Cardinality:
        """At most so many entries a list."""
        ...

    def sql(self, text: str, rows: int, ends: Callable[[], bool]) -> bytes:
        """What a SELECT over the samples comes to, as JSON; LimitError where this source takes no SQL."""
        ...

    def export(self, path: Path, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> int:
        """What `select` answers as a Parquet file (metric, labels, time, value); the number of samples."""
        ...

    def lacking(self, start: int, end: int) -> list[str]:
        """What an answer about ``start < at <= end`` does not know, a sentence each, for whoever asked."""
        ...
