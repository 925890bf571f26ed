"""Series in memory, for the tests of Prometheus' API and of the pages: a gadfly.promql.source.Source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from gadfly.errors import LimitError, QueryError
from gadfly.promql.limits import Limits
from gadfly.promql.source import Cardinality, Chunk, Labels, Matcher, Metadata
from gadfly.store.series import matching

Held = tuple[Labels, list[tuple[int, float]]]


class MemorySource:
    """`held`: label sets with their samples, (ms, value) ascending."""

    def __init__(self, held: Sequence[Held] = ()) -> None:
        self.held = list(held)
        self.known = {"up": [Metadata("gauge", "Whether it is up.", "")]}
        self.holds: threading.Event | None = None
        """Selecting waits until this is set."""
        self.selecting = threading.Event()
        self.gaps: list[tuple[int, str]] = []
        """What is lacking at some time, ms."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        self.selecting.set()
        if self.holds is not None:
            self.holds.wait(10)
        found = [(labels, samples) for labels, samples in self.held if fits(labels, matchers)]
        inside = [[one for one in samples if start < one[0] <= end] for _, samples in found]
        count = sum(map(len, inside))
        if count > limit.samples or len(found) > limit.series:
            raise LimitError("this is too much")
        return Chunk(
            [labels for labels, _ in found],
            np.cumsum([0, *map(len, inside)], dtype=np.int64),
            np.array([at for samples in inside for at, _ in samples], np.int64),
            np.array([value for samples in inside for _, value in samples], np.float64),
        )

    def series(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None, limit: Limits
    ) -> list[Labels]:
        return [
            labels
            for labels, samples in self.held
            if (not matchers or any(fits(labels, one) for one in matchers))
            and any((start is None or at >= start) and (end is None or at <= end) for at, _ in samples)
        ]

    def label_names(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        return sorted({name for labels in self.series(matchers, start, end, Limits()) for name in labels})

    def label_values(
        self, name: str, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        found = self.series(matchers, start, end, Limits())
        return sorted({labels[name] for labels in found if name in labels})

    def metadata(self, metric: str | None = None) -> dict[str, list[Metadata]]:
        return {name: said for name, said in self.known.items() if metric in (None, name)}

    def cardinality(self, limit: int) -> Cardinality:
        return Cardinality(
            len(self.held), 4, 1000, None, [("up", 2)], [("job", 2)], [("job", 2)], [("job=a", 1)]
        )

    def export(self, path: Path, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> int:
        found = self.select(matchers, start, end, limit)
        path.write_bytes(b"PAR1 %d" % len(found.at))
        return len(found.at)

    def sql(self, text: str, rows: int, ends: Callable[[], bool]) -> bytes:
        if text == "SELEC":
            raise QueryError("Parser Error: SELEC", "bad_data")
        return b'{"columns":["n"],"types":["BIGINT"],"rows":[[%d]],"more":%s}' % (
            rows,
            str(ends()).lower().encode(),
        )

    def lacking(self, start: int, end: int) -> list[str]:
        return [one for at, one in self.gaps if start <= at <= end]


def fits(labels: Labels, matchers: Sequence[Matcher]) -> bool:
    return all(matching.test(one)(labels.get(one.name, "")) for one in matchers)


class SimulatedSeries:
    """What the node's own recorder is to the web."""

    def __init__(self, wall: float, component: str) -> None:
        self.trouble = ""
        ends = int(wall) // 15 * 15
        times = [(ends - 15 * n) * 1000 for n in reversed(range(240))]
        one = {"component": component, "kind": "service"}
        probe = {**one, "probe": "http"}

        def of(name: str, labels: Labels, values: Sequence[float]) -> Held:
            return {"__name__": name, **labels}, list(zip(times, values, strict=True))

        waves = [0.02 + 0.01 * np.sin(n / 20) + (0.06 if 100 <= n < 104 else 0) for n in range(240)]
        self.source: MemorySource | None = MemorySource(
            [
                of("probe_duration_seconds", probe, waves),
                of("probe_duration_seconds", {**probe, "phase": "connect"}, [0.002] * 240),
                of("probe_success", probe, [float(not 100 <= n < 104) for n in range(240)]),
                of("heartbeat_up", one, [float(not 150 <= n < 160) for n in range(240)]),
                of("heartbeat_received_total", one, [15.0 * n for n in range(240)]),
                of("heartbeat_lost_total", one, [float(n // 10) for n in range(240)]),
                of("up", {"instance": "a"}, [1.0] * 240),
                of("up", {"instance": "<b onload=x>"}, [0.5] * 240),
            ]
        )
