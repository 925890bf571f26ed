"""Requests of OpenTelemetry's become series, lines and components; what cannot be taken is said."""

from __future__ import annotations

import asyncio
import json as json_
import math
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gadfly import promql
from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.intake.otlp import ROOM, Otlp
from gadfly.promql.source import Matcher
from gadfly.store.logs import Line
from gadfly.store.series import Batch, Refusal, Series, Taken
from gadfly.telemetry.remote_write_sent import delimited

NOW = 1_800_000_000


class Discovered:
    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def seen(self, name: str, kind: str, **said: Any) -> bool:
        self.heard.append((name, said))
        return True


class Stage:
    """A receiver over a real store."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.clock = VirtualClock(NOW)
        self.store = Series(folder, settings or Settings(), self.clock)
        self.source: Series | None = self.store
        self.trouble = "not open yet"
        self.discovered = Discovered()
        self.lines: list[Line] = []
        self.room = 10_000
        self.otlp = Otlp(self, self.clock, self.discovered, self.take)  # type: ignore[arg-type]

    async def take(self, lines: Sequence[Line]) -> int:
        taken = list(lines)[: self.room]
        self.lines += taken
        return len(taken)

    async def send(self, *metrics: dict[str, Any], resource: dict[str, str] | None = None) -> tuple[int, str]:
        body = {"resourceMetrics": [{"resource": named(resource), "scopeMetrics": [{"metrics": metrics}]}]}
        return await self.otlp.metrics(json_.dumps(body).encode(), json=True, sender="", address="127.0.0.1")

    def samples(self, name: str, **labels: str) -> list[tuple[float, float]]:
        """Seconds after NOW, and values."""
        matchers = [
            Matcher("__name__", "=", name),
            *(Matcher(key, "=", value) for key, value in labels.items()),
        ]
        chunk = self.store.select(matchers, 0, (NOW + 999_999) * 1000, promql.Limits())
        assert len(chunk.labels) <= 1
        return list(zip(((chunk.at - NOW * 1000) / 1000).tolist(), chunk.value.tolist(), strict=True))

    def now(self, text: str, at: float) -> list[float]:
        """The values of an expression, so many seconds after NOW."""
        found = promql.instant(self.store, text, round((NOW + at) * 1000))
        assert isinstance(found, promql.Vector)
        return [one.value for one in found.samples]


def named(resource: dict[str, str] | None) -> dict[str, Any]:
    said = {"service.name": "cart"} if resource is None else resource
    return {"attributes": [{"key": key, "value": {"stringValue": value}} for key, value in said.items()]}


def point(value: Any, at: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"asDouble": value, "timeUnixNano": str(round((NOW + at) * 1e9)), **more}


def gauge(*points: dict[str, Any], name: str = "m") -> dict[str, Any]:
    return {"name": name, "gauge": {"dataPoints": points}}


def delta(*points: dict[str, Any], name: str = "d", monotonic: bool = True) -> dict[str, Any]:
    return {
        "name": name,
        "sum": {"aggregationTemporality": 1, "isMonotonic": monotonic, "dataPoints": points},
    }


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path)
    await made.store.open()
    yield made
    await made.store.close()


async def test_points_are_samples_of_their_series(stage: Stage) -> None:
    labelled = {"attributes": [{"key": "http.route", "value": {"stringValue": "/a"}}]}
    assert await stage.send(gauge(point(1.5), point(2.5, **labelled))) == (0, "")
    assert await stage.send(gauge(point(3.5, 10))) == (0, "")
    assert stage.samples("m", http_route="") == [(0, 1.5), (10, 3.5)]
    assert stage.samples("m", http_route="/a", job="cart") == [(0, 2.5)]


async def test_a_point_without_a_time_is_of_now(stage: Stage) -> None:
    assert await stage.send(gauge({"asInt": 4})) == (0, "")
    assert stage.samples("m") == [(0, 4)]


async def test_points_of_one_series_in_any_order(stage: Stage) -> None:
    assert await stage.send(gauge(point(2, 2), point(1, 1), point(3, 3))) == (0, "")
    assert stage.samples("m") == [(1, 1), (2, 2), (3, 3)]


async def test_no_recorded_value_ends_the_series(stage: Stage) -> None:
    await stage.send(gauge(point(1)), delta(point(1)))
    assert await stage.send(gauge(point(0, 5, flags=1)), delta(point(0, 5, flags=1))) == (0, "")
    for name in ("m", "d_total"):
        assert math.isnan(stage.samples(name)[1][1])
        assert stage.now(name, 6) == []


async def test_a_histogram_is_a_family(stage: Stage) -> None:
    one = {"timeUnixNano": str(NOW * 10**9), "count": 6, "sum": 9.5, "bucketCounts": [1, "2", 3]}
    family = {"dataPoints": [{**one, "explicitBounds": [0.25, 10]}], "aggregationTemporality": 2}
    assert await stage.send({"name": "h", "unit": "s", "histogram": family}) == (0, "")
    assert stage.samples("h_seconds_count") == [(0, 6)]
    assert stage.samples("h_seconds_sum") == [(0, 9.5)]
    found = [stage.samples("h_seconds_bucket", le=le) for le in ("0.25", "10", "+Inf")]
    assert found == [[(0, 1)], [(0, 3)], [(0, 6)]]
    assert stage.store.metadata("h_seconds")["h_seconds"][0].type == "histogram"


async def test_a_histogram_without_buckets_or_sum(stage: Stage) -> None:
    one = {"timeUnixNano": str(NOW * 10**9), "count": 6}
    assert await stage.send(
        {"name": "h", "histogram": {"dataPoints": [one], "aggregationTemporality": 2}}
    ) == (0, "")
    assert stage.samples("h_bucket", le="+Inf") == [(0, 6)]
    assert stage.samples("h_sum") == []
    gone = {"timeUnixNano": str((NOW + 1) * 10**9), "flags": 1}
    await stage.send({"name": "h", "histogram": {"dataPoints": [gone], "aggregationTemporality": 2}})
    assert stage.now("h_count", 2) == []


async def test_an_exponential_histogram_is_a_family(stage: Stage) -> None:
    def one(at: int, **more: Any) -> dict[str, Any]:
        points = [{"timeUnixNano": str((NOW + at) * 10**9), **more}]
        return {"name": "e", "exponentialHistogram": {"dataPoints": points, "aggregationTemporality": 2}}

    counts = {"offset": "-1", "bucketCounts": [2, "3"]}
    assert await stage.send(one(0, count=6, sum=7, scale=0, zeroCount=1, positive=counts)) == (0, "")
    found = [stage.samples("e_bucket", le=le) for le in ("0", "1", "2", "+Inf")]
    assert found == [[(0, 1)], [(0, 3)], [(0, 6)], [(0, 6)]]
    assert stage.samples("e_count") == [(0, 6)]
    assert stage.store.metadata("e")["e"][0].type == "histogram"
    assert await stage.send(one(5, flags=1)) == (0, "")
    assert stage.now("e_bucket", 6) == stage.now("e_count", 6) == []


async def test_a_summary_is_a_family(stage: Stage) -> None:
    values = [{"quantile": 0.5, "value": 1.0}, {"quantile": 1, "value": 3.0}]
    one = {"timeUnixNano": str(NOW * 10**9), "count": 2, "sum": 4, "quantileValues": values}
    assert await stage.send({"name": "s", "summary": {"dataPoints": [one]}}) == (0, "")
    assert stage.samples("s", quantile="0.5") == [(0, 1)]
    assert stage.samples("s", quantile="1") == [(0, 3)]
    assert stage.samples("s_count") == [(0, 2)]
    await stage.send(
        {
            "name": "s",
            "summary": {"dataPoints": [{**one, "flags": 1, "timeUnixNano": str((NOW + 1) * 10**9)}]},
        }
    )
    assert math.isnan(stage.samples("s_count")[1][1])


async def test_differences_are_a_counter(stage: Stage) -> None:
    started = {"startTimeUnixNano": str((NOW - 10) * 10**9)}
    assert await stage.send(delta(point(2, 0, **started))) == (0, "")
    assert await stage.send(delta(point(3, 10))) == (0, "")
    assert stage.samples("d_total") == [(-9.999, 0), (0, 2), (10, 5)]


async def test_a_difference_that_is_sent_again_counts_once(stage: Stage) -> None:
    await stage.send(delta(point(2, 0)))
    assert await stage.send(delta(point(2, 0))) == (0, "")
    assert await stage.send(delta(point(1, 5))) == (0, "")
    rejected, why = await stage.send(delta(point(7, 3)))
    assert rejected == 1
    assert "older than one already counted" in why
    assert stage.samples("d_total") == [(0, 2), (5, 3)]


async def test_a_sum_goes_on_over_a_restart(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.store.open()
    await stage.send(delta(point(10, 1), name="u", monotonic=False))
    await stage.store.close()
    after = Stage(tmp_path)
    await after.store.open()
    assert await after.send(delta(point(10, 1), name="u", monotonic=False)) == (0, "")  # its answer was lost
    await after.send(delta(point(-3, 2), name="u", monotonic=False))
    assert after.samples("u") == [(1, 10), (2, 7)]
    rejected, why = await after.send(delta(point(-1, 3), point(2, 4)))
    assert (rejected, why) == (1, "1 refused: a negative difference of a sum that only grows")
    await after.store.close()


async def test_differences_of_histograms(stage: Stage) -> None:
    for at in (0, 10):
        one = {
            "timeUnixNano": str((NOW + at) * 10**9),
            "count": 3,
            "sum": 2,
            "bucketCounts": [1, 2],
            "explicitBounds": [1],
        }
        assert await stage.send(
            {"name": "h", "histogram": {"dataPoints": [one], "aggregationTemporality": 1}}
        ) == (0, "")
    assert stage.samples("h_bucket", le="1") == [(0, 1), (10, 2)]
    assert stage.samples("h_count") == [(0, 3), (10, 6)]


async def test_what_the_disk_refused_is_counted_when_it_comes_again(stage: Stage, monkeypatch: Any) -> None:
    append = stage.store.append

    async def refuse(batch: Batch, source: str = "") -> Taken:
        raise StoreError("the disk is full")

    monkeypatch.setattr(stage.store, "append", refuse)
    with pytest.raises(StoreError):
        await stage.send(delta(point(2, 0)))
    monkeypatch.setattr(stage.store, "append", append)
    assert await stage.send(delta(point(2, 0))) == (0, "")
    assert stage.samples("d_total") == [(0, 2)]


async def test_target_info_tells_of_the_resource(stage: Stage) -> None:
    resource = {"service.name": "cart", "service.namespace": "shop", "service.version": "2"}
    for at in (0, 0, 10, 5):
        assert await stage.send(gauge(point(at, at), name=f"m{at}"), resource=resource) == (0, "")
    assert stage.samples("target_info", job="shop/cart", service_version="2") == [(0, 1), (10, 1)]


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        (gauge(point(1), name=""), "without a name"),
        (gauge(point(1, 86_400)), "too far ahead"),
        (
            gauge(point(1, attributes=[{"key": "a", "value": {"stringValue": "x" * 5000}}])),
            "label is too long",
        ),
        ({"name": "m", "sum": {"aggregationTemporality": 9, "dataPoints": [point(1)]}}, "temporality 9"),
        (
            {
                "name": "m",
                "exponentialHistogram": {"dataPoints": [{"count": 1}], "aggregationTemporality": 1},
            },
            "PREFERENCE=cumulative",
        ),
        ({"name": "m", "exponentialHistogram": {"dataPoints": [{"count": 1, "scale": 99}]}}, "unknown scale"),
        (
            {"name": "m", "histogram": {"dataPoints": [{"bucketCounts": [1], "explicitBounds": [1]}]}},
            "one bucket more",
        ),
        (
            {
                "name": "m",
                "histogram": {
                    "dataPoints": [{"bucketCounts": [1] * 10_001, "explicitBounds": [*range(10_000)]}]
                },
            },
            "more than 10,000 buckets",
        ),
        (
            {"name": "m", "summary": {"dataPoints": [{"quantileValues": [{"quantile": 0.5}] * 10_001}]}},
            "more than 10,000 quantiles",
        ),
        (
            {
                "name": "m",
                "histogram": {"dataPoints": [{"bucketCounts": [1, 1, 1], "explicitBounds": [2, 1]}]},
            },
            "must ascend",
        ),
        (
            {"name": "m", "histogram": {"dataPoints": [{"bucketCounts": [1, 1], "explicitBounds": ["NaN"]}]}},
            "ascend",
        ),
        (
            {
                "name": "m",
                "histogram": {
                    "dataPoints": [{"attributes": [{"key": "a", "value": {"stringValue": "x" * 5000}}]}]
                },
            },
            "label is too long",
        ),
    ],
)
async def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(stage: Stage, metric: Any, why: str) -> None:
    rejected, message = await stage.send(metric, gauge(point(1), name="good"))
    assert rejected == 1
    assert why in message
    assert stage.samples("good") == [(0, 1)]


async def test_what_is_older_than_the_newest_is_said(stage: Stage) -> None:
    await stage.send(gauge(point(1, 10)))
    rejected, why = await stage.send(gauge(point(2, 5)), gauge(point(2, 5), name="good"))
    assert (rejected, "send in order" in why) == (1, True)
    assert stage.samples("good") == [(5, 2)]


async def test_a_metric_that_has_no_points(stage: Stage) -> None:
    assert await stage.send({"name": "m"}, {"name": "n", "gauge": {}}) == (0, "")


async def test_one_that_has_too_many_series_is_stopped_and_asked_again_later(tmp_path: Path) -> None:
    stage = Stage(tmp_path, msgspec.structs.replace(Settings(), series_per_source=3))
    await stage.store.open()
    some = [point(1, attributes=[{"key": "n", "value": {"intValue": n}}]) for n in range(5)]
    for _ in range(2):
        rejected, why = await stage.send(gauge(*some))
        assert rejected == 2
        assert "too many live series" in why
    assert await stage.send(gauge(point(1)), resource={"service.name": "other"}) == (0, "")
    stage.store._held.index._settings = Settings()
    assert (await stage.send(gauge(*some)))[0] == 2
    stage.clock.set_wall(NOW + 61)
    await stage.clock.advance(61)
    assert await stage.send(gauge(*some)) == (0, "")
    await stage.store.close()


async def test_series_that_the_store_forgot_are_interned_again(stage: Stage, monkeypatch: Any) -> None:
    await stage.send(gauge(point(1)))
    append, calls = stage.store.append, []

    async def forgotten(batch: Batch, source: str = "") -> Taken:
        calls.append(len(batch.series))
        if len(calls) == 1:
            return Taken(0, (Refusal("unknown_series", 1, "m"),))
        return await append(batch, source)

    monkeypatch.setattr(stage.store, "append", forgotten)
    assert await stage.send(gauge(point(2, 5))) == (0, "")
    assert stage.samples("m") == [(0, 1), (5, 2)]


async def test_many_at_once_and_large_ones_in_a_thread(stage: Stage) -> None:
    some = [point(n, attributes=[{"key": "n", "value": {"intValue": n}}]) for n in range(1500)]
    await asyncio.gather(
        *(stage.send(gauge(*some, name=f"m{n}"), delta(*some, name=f"d{n}")) for n in range(4))
    )
    for n in range(4):
        assert stage.samples(f"m{n}", n="7") == [(0, 7)]
        assert stage.samples(f"d{n}_total", n="9") == [(0, 9)]


async def test_what_is_remembered_has_a_bound(stage: Stage, monkeypatch: Any) -> None:
    monkeypatch.setattr("gadfly.intake.otlp_streams.MOST", 5000)
    for n in range(100):
        await stage.send(gauge(point(n, n), name=f"m{n}"))
    assert stage.otlp.counts()["streams"] < 30
    assert stage.samples("m3") == [(3, 3)]


async def test_who_sends_is_discovered(stage: Stage) -> None:
    resource = {"service.name": "cart", "service.namespace": "shop", "host.name": "web-1"}
    await stage.send(gauge(point(1)), resource=resource)
    ((name, said),) = stage.discovered.heard
    assert name == "shop/cart"
    assert (said["host"], said["group"], said["steady"], said["address"]) == (
        "web-1",
        "shop",
        True,
        "127.0.0.1",
    )


async def test_without_a_store_the_sender_comes_again(stage: Stage) -> None:
    stage.source = None
    with pytest.raises(StoreError, match="not open yet"):
        await stage.send(gauge(point(1)))
    assert [name for name, _ in stage.discovered.heard] == ["cart"], "who sends is alive all the same"


async def test_what_is_no_request_changes_nothing(stage: Stage) -> None:
    for json in (True, False):
        with pytest.raises(FormatError):
            await stage.otlp.metrics(b"\xff", json=json, sender="", address="")
    bad = gauge(point(1), point(2, attributes=[{"key": "a", "value": {"intValue": "x"}}]))
    with pytest.raises(FormatError):
        await stage.send(gauge(point(1), name="good"), bad)
    assert stage.samples("good") == []
    assert await stage.send(gauge(point(1), name="good")) == (0, "")


@pytest.mark.parametrize("share", [0.6, 1.2])
async def test_attributes_are_counted_in_all_points_of_a_request(
    stage: Stage, share: float, monkeypatch: Any
) -> None:
    def sent() -> bytes:
        values = delimited(0x2A, b"\x0a\x02\x10\x01" * 100)  # a list of booleans
        points = [
            b"\x19" + (NOW * 10**9).to_bytes(8, "little")
            + b"\x21" + bytes(8)
            + delimited(0x3A, delimited(0x0A, f"a{n}".encode()) + delimited(0x12, values))
            for n in range(10)
        ]  # fmt: skip
        return delimited(
            0x0A,
            delimited(
                0x12,
                delimited(
                    0x12,
                    delimited(0x0A, b"m") + delimited(0x2A, b"".join(delimited(0x0A, p) for p in points)),
                ),
            ),
        )

    # Each list is 200 fields and a few.
    monkeypatch.setattr("gadfly.telemetry.otlp_value.FIELDS", int(10 * 204 * share))
    took = stage.otlp.metrics(sent(), json=False, sender="", address="127.0.0.1")
    if share > 1:
        assert await took == (0, "")
    else:
        with pytest.raises(FormatError, match="fewer"):
            await took


async def test_room_for_so_many_bytes_at_once(stage: Stage) -> None:
    with stage.otlp.room(ROOM), pytest.raises(LimitError), stage.otlp.room(1):
        pass
    with stage.otlp.room(ROOM):
        pass


def record(text: str, **more: Any) -> dict[str, Any]:
    return {"timeUnixNano": str(NOW * 10**9), "severityNumber": 17, "body": {"stringValue": text}, **more}


async def log(stage: Stage, *records: dict[str, Any]) -> tuple[int, str]:
    resource = named({"service.name": "cart", "host.name": "web-1", "service.instance.id": "c-1"})
    body = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}
    return await stage.otlp.logs(json_.dumps(body).encode(), json=True, address="")


async def test_records_are_lines(stage: Stage) -> None:
    assert await log(stage, record("one", traceId="AB"), record("two", timeUnixNano=0)) == (0, "")
    first, second = stage.lines
    assert first == Line(NOW, "otlp", "web-1", "cart", 3, "one", {"instance": "c-1", "trace_id": "ab"})
    assert (second.at, second.text) == (NOW, "two")
    assert stage.discovered.heard[0][1]["steady"] is False


async def test_lines_that_have_no_room_are_said(stage: Stage) -> None:
    stage.room = 1
    assert (await log(stage, record("one"), record("two")))[0] == 1
    stage.room = 0
    with pytest.raises(LimitError):
        await log(stage, record("three"))
    assert await log(stage) == (0, "")


async def test_what_is_counted(stage: Stage) -> None:
    await stage.send(gauge(point(1)), gauge(point(1), name=""))
    await log(stage, record("one"))
    counts = stage.otlp.counts()
    expected = {"requests_total": 2, "points_total": 2, "lines_total": 1, "rejected_total": 1}
    assert {name: counts[name] for name in expected} == expected
    assert np.isfinite(list(counts.values())).all()
