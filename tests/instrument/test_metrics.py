"""Counters, gauges and histograms, and how they are written."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.instrument.exposition import Family, number, render
from gadfly.instrument.metrics import REGISTRY, Counter, Gauge, Histogram, Registry


@pytest.fixture
def registry() -> Registry:
    return Registry()


def test_the_whole_text(registry: Registry) -> None:
    orders = Counter("orders_total", "Orders\ntaken \\ refused.", ["method", "code"], registry=registry)
    orders.inc(method="GET", code=200)
    orders.inc(2.5, code='a"b\\c\nd', method="")
    queue = Gauge("queue_depth", registry=registry)
    queue.set(7)
    queue.inc(3)
    queue.dec()
    took = Histogram("took_seconds", buckets=(0.1, 1, float("inf")), registry=registry)
    for value in (0.05, 0.1, 0.5, 3.0):
        took.observe(value)
    assert registry.exposition() == (
        "# HELP orders_total Orders\\ntaken \\\\ refused.\n"
        "# TYPE orders_total counter\n"
        'orders_total{method="GET",code="200"} 1\n'
        'orders_total{method="",code="a\\"b\\\\c\\nd"} 2.5\n'
        "# TYPE queue_depth gauge\n"
        "queue_depth 9\n"
        "# TYPE took_seconds histogram\n"
        'took_seconds_bucket{le="0.1"} 2\n'
        'took_seconds_bucket{le="1"} 3\n'
        'took_seconds_bucket{le="+Inf"} 4\n'
        "took_seconds_sum 3.65\n"
        "took_seconds_count 4\n"
    )


def test_beyond_the_limit_updates_are_dropped_and_counted(registry: Registry) -> None:
    seen = Counter("seen_total", labels=["user"], limit=2, registry=registry)
    for user in ("a", "b", "c", "d", "a"):
        seen.inc(user=user)
    text = registry.exposition()
    assert 'seen_total{user="a"} 2' in text
    assert 'user="c"' not in text
    assert 'gadfly_metrics_dropped_total{metric="seen_total"} 2' in text


def test_a_gauge_and_a_histogram_drop_too(registry: Registry) -> None:
    gauge = Gauge("g", labels=["x"], limit=0, registry=registry)
    gauge.set(1, x=1)
    gauge.inc(x=1)
    histogram = Histogram("h", labels=["x"], limit=0, registry=registry)
    histogram.observe(1, x=1)
    assert 'gadfly_metrics_dropped_total{metric="g"} 2' in registry.exposition()
    assert 'gadfly_metrics_dropped_total{metric="h"} 1' in registry.exposition()


def test_a_tracked_gauge_is_read_when_exposed(registry: Registry) -> None:
    values = [1.0, 2.0]
    Gauge("free", registry=registry).track(lambda: values.pop())
    assert "free 2\n" in registry.exposition()
    assert "free 1\n" in registry.exposition()
    assert "free NaN\n" in registry.exposition(), "reading fails, the others are still exposed"
    with pytest.raises(ValueError, match="has labels"):
        Gauge("g", labels=["x"], registry=registry).track(lambda: 1.0)


def test_time_is_observed_also_when_the_block_raises(registry: Registry) -> None:
    took = Histogram("took_seconds", labels=["of"], registry=registry)
    with pytest.raises(KeyError), took.time(of="x"):
        raise KeyError
    assert 'took_seconds_count{of="x"} 1' in registry.exposition()


def test_threads_lose_nothing(registry: Registry) -> None:
    counter = Counter("c_total", registry=registry)
    threads = [threading.Thread(target=lambda: [counter.inc() for _ in range(5000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "c_total 20000\n" in registry.exposition()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Counter("1x", registry=None), "is no metric name"),
        (lambda: Counter("x\n", registry=None), "is no metric name"),
        (lambda: Counter("x", labels=["a-b"], registry=None), "cannot be a label"),
        (lambda: Counter("x", labels=["__a"], registry=None), "cannot be a label"),
        (lambda: Counter("x", labels=["a", "a"], registry=None), "named twice"),
        (lambda: Histogram("x", labels=["le"], registry=None), "cannot be a label"),
        (lambda: Histogram("x", buckets=[1, 1], registry=None), "must ascend"),
        (lambda: Histogram("x", buckets=[float("nan")], registry=None), "must ascend"),
        (lambda: Counter("x", registry=None).inc(-1), "cannot grow by -1"),
        (lambda: Counter("x", registry=None).inc(float("nan")), "cannot grow by nan"),
        (lambda: Counter("x", labels=["a"], registry=None).inc(), "needs the label 'a'"),
        (lambda: Counter("x", labels=["a"], registry=None).inc(a=1, b=2), "has the labels"),
    ],
)
def test_mistakes_are_named(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_a_name_is_registered_once(registry: Registry) -> None:
    Gauge("x", registry=registry)
    with pytest.raises(ValueError, match="registered already"):
        Gauge("x", registry=registry)


def test_the_usual_registry() -> None:
    Gauge("gadfly_test_of_the_usual_registry").set(1)
    assert "gadfly_test_of_the_usual_registry 1\n" in REGISTRY.exposition()


@given(st.floats())
def test_numbers_read_back_the_same(value: float) -> None:
    assert repr(float(number(value))) == repr(value) or float(number(value)) == value


@given(st.text())
def test_any_label_value_stays_on_its_line(text: str) -> None:
    rendered = render([Family("x", "gauge", text, [("", (("a", text),), 1.0)])])
    assert rendered.count("\n") == (3 if text else 2)
    inside = rendered.split('{a="', 1)[1].rsplit('"}', 1)[0]
    unescaped = inside.replace("\\\\", "\0").replace("\\n", "\n").replace('\\"', '"').replace("\0", "\\")
    assert unescaped == text or "\0" in text
