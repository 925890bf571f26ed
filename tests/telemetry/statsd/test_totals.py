"""What lines add up to, by the kind of metric; bounded, and every refusal counted."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry.statsd import VALUES
from gadfly.telemetry.statsd_totals import KEPT, MEMBERS, Totals


def totals(*datagrams: bytes, room: int = 100) -> Totals:
    found = Totals(room)
    for data in datagrams:
        found.take(data, "10.0.0.9", 5.0)
    return found


def values(found: Totals, name: str) -> dict[str, float]:
    return {
        row.suffix + "".join(f"{key}={word}" for key, word in row.extra): row.value
        for metric in found.metrics()
        if metric.name == name
        for row in metric.state.rows()
    }


def test_counters_grow_by_what_was_not_sampled_too() -> None:
    found = totals(b"a:1|c\na:2|c|@0.1\na:3:4|c")
    assert values(found, "a") == {"": 28.0}
    found.take(b"a:1|c", "", 6.0)
    assert values(found, "a") == {"": 29.0}


def test_gauges_are_set_and_moved() -> None:
    assert values(totals(b"a:5|g\na:-2|g\na:+4|g"), "a") == {"": 7.0}
    assert values(totals(b"a:-2|g"), "a") == {"": -2.0}


def test_no_line_makes_a_counter_fall_or_a_sum_infinite() -> None:
    found = totals(b"a:10|c\na:-4|c\nt:5|ms\nt:-5|ms\ng:+1e308|g\ng:+1e308|g\nb:-1|c")
    assert values(found, "a") == {"": 10.0}
    assert values(found, "t")["_sum"] == 0.005
    assert found.refused == {"value": 5}
    assert len(found) == 2
    largest = b":".join([b"1e200"] * VALUES)
    for kind in (b"c", b"ms", b"h"):
        found = totals(*[b"a:%b|%b|@0.000001" % (largest, kind)] * 5)
        assert found.lines == 5
        assert not found.refused
        assert all(math.isfinite(value) for value in values(found, "a").values())


def test_timers_are_histograms_in_seconds() -> None:
    found = values(totals(b"a:5:20|ms\na:30000|ms|@0.5"), "a")
    assert found["_bucketle=0.005"] == 1.0
    assert found["_bucketle=0.025"] == 2.0
    assert found["_bucketle=10"] == 2.0
    assert found["_bucketle=+Inf"] == found["_count"] == 4.0
    assert math.isclose(found["_sum"], 60.025)


def test_distributions_give_quantiles_of_their_interval() -> None:
    found = totals(b"a:" + b":".join(b"%d" % one for one in range(100)) + b"|d")
    assert values(found, "a") == {
        "quantile=0.5": 50.0,
        "quantile=0.9": 90.0,
        "quantile=0.99": 99.0,
        "_sum": 4950.0,
        "_count": 100.0,
    }
    later = values(found, "a")
    assert math.isnan(later["quantile=0.5"])
    assert later["_count"] == 100.0


def test_many_values_of_one_interval_are_a_fair_sample() -> None:
    found = totals(*(b"a:%d|h" % one for one in range(10 * KEPT)))
    told = values(found, "a")
    assert told["_count"] == 10 * KEPT
    assert 3 * KEPT < told["quantile=0.5"] < 7 * KEPT


def test_sets_count_their_members_anew_each_time() -> None:
    found = totals(b"a:joe|s\na:ann|s\na:joe|s")
    assert values(found, "a") == {"": 2.0}
    assert values(found, "a") == {"": 0.0}
    found = totals(*(b"a:%d|s" % one for one in range(MEMBERS + 50)))
    assert values(found, "a") == {"": float(MEMBERS)}


def test_one_metric_however_it_is_spelled() -> None:
    found = totals(b"a.b:1|c|#x:1,y:2\na_b;y=2;x=1:1|c\na-b,x=1,y=2:1|c\r\n\n")
    assert len(found) == 1
    assert values(found, "a_b") == {"": 3.0}
    assert found.metrics()[0].labels == (("x", "1"), ("y", "2"))


def test_what_is_refused_is_counted_with_an_example_and_the_rest_is_taken() -> None:
    found = totals(b"a:1|c\nbad\nb:x|g\nbad|too\na:1|c")
    assert values(found, "a") == {"": 2.0}
    assert found.refused == {"form": 2, "value": 1}
    assert found.exemplars["form"] == ("bad|too", "10.0.0.9")
    assert found.lines == 5


def test_a_name_is_of_one_type() -> None:
    found = totals(b"a:1|c\na:1|g\na:1|c|#x:y\na:1|ms|#x:y\nt:1|h\nt:1|d|#x:y")
    assert found.refused == {"conflict": 2}
    assert len(found) == 4


def test_metrics_are_bounded_and_come_again_when_others_went() -> None:
    found = totals(*(b"a%d:1|c" % one for one in range(20)), room=10)
    assert len(found) == 7
    assert found.refused == {"metrics": 13}
    found.take(b"a0:1|c", "", 50.0)
    gone = found.expire(40.0)
    assert [metric.name for metric in gone] == [f"a{one}" for one in range(1, 7)]
    found.take(b"a15:1|g", "", 51.0)
    assert sorted(metric.name for metric in found.metrics()) == ["a0", "a15"]


def test_senders_that_flood_leave_room_for_others() -> None:
    found = Totals(1000)
    for flooding in range(3):
        for one in range(1000):
            found.take(b"f%d_%d:1|c" % (flooding, one), f"10.0.0.{flooding}", 5.0)
    assert 900 <= len(found) < 1000
    before = found.refused.total()
    found.take(b"\n".join(b"good%d:1|c" % one for one in range(20)), "10.0.0.9", 6.0)
    found.take(b"f0_0:1|c\ngood0:1|c", "10.0.0.9", 6.0)
    assert found.refused.total() == before
    assert values(found, "good0") == values(found, "f0_0") == {"": 2.0}
    found.expire(5.5)
    for one in range(1000):
        found.take(b"again%d:1|c" % one, "10.0.0.1", 7.0)
    assert len(found) > 600
    for sender in range(5000):
        found.take(b"s%d:1|c" % sender, f"10.1.{sender}", 7.0)
    assert len(found) <= 1000


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_are_taken_without_harm(parts: list[bytes]) -> None:
    found = totals(*parts, b"good:1|c", room=5)
    assert len(found) <= 5
    for metric in found.metrics():
        list(metric.state.rows())
    assert found.lines >= sum(found.refused.values())
