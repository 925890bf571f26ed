"""A target's answers become columns; what is there no more ends."""

import numpy as np
import pytest

from gadfly.config.scrape import Relabel, Scrape
from gadfly.intake.target_series import AGAIN, OverLimit, TargetSeries, joined, rules_of
from gadfly.promql.source import STALE_BITS
from gadfly.telemetry.exposition import Heads


class World:
    """One target, and a store that gives numbers."""

    def __init__(self, labels=None, refuse=lambda labels: False, **scrape):
        self.heads = Heads("text")
        self.series = TargetSeries(labels or {"job": "j", "instance": "i"}, rules_of(Scrape(**scrape)))
        self.known = {}
        self.asked = 0
        self.refuse = refuse

    def intern(self, labels):
        self.asked += len(labels)
        return np.array(
            [
                -1 if self.refuse(one) else self.known.setdefault(tuple(sorted(one.items())), len(self.known))
                for one in labels
            ],
            np.int64,
        )

    def shown(self, columns):
        names = {number: dict(key)["__name__"] for key, number in self.known.items()}
        rows = zip(columns.series.tolist(), columns.at.tolist(), columns.value, strict=True)
        return sorted(
            (
                (names[number], at, "stale" if value.view(np.uint64) == STALE_BITS else float(value))
                for number, at, value in rows
            ),
            key=str,
        )

    def take(self, body, at):
        self.harvest = self.series.take(self.heads.scan(body), self.heads, at, self.intern)
        return self.shown(self.harvest.columns)


def test_a_series_that_is_there_no_more_ends():
    world = World()
    assert world.take(b"a 1\nb 2\n", 10) == [("a", 10, 1.0), ("b", 10, 2.0)]
    assert world.take(b"a 1\n", 20) == [("a", 20, 1.0), ("b", 20, "stale")]
    assert world.take(b"a 1\n", 30) == [("a", 30, 1.0)]
    assert world.take(b"b 1\n", 40) == [("a", 40, "stale"), ("b", 40, 1.0)]


def test_an_unchanged_answer_asks_the_store_for_nothing():
    world = World()
    world.take(b"a 1\nb 2\n", 10)
    asked = world.asked
    assert world.take(b"a 3\nb 4\n", 20) == [("a", 20, 3.0), ("b", 20, 4.0)]
    assert world.take(b"b 5\na 6\n", 30) == [("a", 30, 6.0), ("b", 30, 5.0)]
    assert world.asked == asked == 2


def test_a_scrape_that_fails_ends_everything_once():
    world = World()
    world.take(b"a 1\nb 2\n", 10)
    assert world.shown(world.series.end(20)) == [("a", 20, "stale"), ("b", 20, "stale")]
    assert world.shown(world.series.end(30)) == []
    assert world.take(b"a 1\n", 40) == [("a", 40, 1.0)]
    assert world.harvest.added == 0
    assert world.take(b"", 50) == [("a", 50, "stale")]


def test_series_with_times_of_their_own_do_not_end():
    world = World()
    assert world.take(b"a 1 5\nb 2\n", 10) == [("a", 5, 1.0), ("b", 10, 2.0)]
    assert world.take(b"a 1 6\n", 20) == [("a", 6, 1.0), ("b", 20, "stale")]
    assert world.shown(world.series.end(30)) == []
    assert world.take(b"a 1\n", 40) == [("a", 40, 1.0)]
    assert world.take(b"a 1 45\n", 50) == [("a", 45, 1.0), ("a", 50, "stale")]


def test_times_that_are_not_honoured_are_ours():
    world = World(honor_timestamps=False)
    assert world.take(b"a 1 5\n", 10) == [("a", 10, 1.0)]
    assert world.take(b"", 20) == [("a", 20, "stale")]


def test_what_is_reported_counts_dropped_and_new():
    drop = Relabel(source_labels=("__name__",), regex="b.*", action="drop")
    world = World(metric_relabel=(drop,))
    world.take(b"a 1\nb1 2\nb2 3\n", 10)
    assert world.harvest[1:] == (3, 1, 1)
    world.take(b"a 1\nb1 2\nc 3\n", 20)
    assert world.harvest[1:] == (3, 2, 1)


def test_reports_are_five_series_and_end_too():
    world = World()
    report = world.series.report((1.0, 0.1, 3, 2, 1), 10, world.intern)
    assert [name for name, _, _ in world.shown(report)] == sorted(
        ["up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
         "scrape_series_added"]
    )  # fmt: skip
    assert {value for _, _, value in world.shown(world.series.report(None, 20, world.intern))} == {"stale"}


@pytest.mark.parametrize(
    ("exposed", "honor", "labels"),
    [
        ({"job": "x"}, False, {"job": "j", "exported_job": "x"}),
        (
            {"job": "x", "exported_job": "y"},
            False,
            {"job": "j", "exported_job": "y", "exported_exported_job": "x"},
        ),
        ({"job": ""}, False, {"job": "j"}),
        ({"job": "x"}, True, {"job": "x"}),
        ({"job": ""}, True, {"job": ""}),
        ({"a": "b"}, True, {"a": "b", "job": "j"}),
    ],
)  # fmt: skip
def test_labels_of_sample_and_target_are_joined(exposed, honor, labels):
    assert joined(exposed, {"job": "j"}, honor) == labels


@pytest.mark.parametrize(
    ("limit", "body"),
    [
        ({"samples": 1}, b"a 1\nb 1\n"),
        ({"label_limit": 3}, b'a{b="c"} 1\n'),
        ({"label_name_bytes": 8}, b'a{long_name_="c"} 1\n'),
        ({"label_value_bytes": 3}, 'a{b="éé"} 1\n'.encode()),
    ],
)
def test_beyond_a_limit_the_scrape_is_refused_whole(limit, body):
    world = World(**limit)
    with pytest.raises(OverLimit):
        world.take(body, 10)
    assert World(**dict.fromkeys(limit, 100)).take(body, 10)


def test_what_the_store_refused_is_asked_again_after_a_minute():
    world = World(refuse=lambda labels: labels["__name__"] == "b")
    assert world.take(b"a 1\nb 2\n", 10) == [("a", 10, 1.0)]
    world.refuse = lambda labels: False
    assert world.take(b"a 1\nb 2\n", 20) == [("a", 20, 1.0)]
    at = 10 + AGAIN
    assert world.take(b"a 1\nb 2\n", at) == [("a", at, 1.0), ("b", at, 2.0)]


def test_heads_that_begin_anew_are_looked_up_anew_and_nothing_ends():
    world = World()
    world.take(b"b 1\na 1\n", 10)
    world.heads.begin_anew()
    assert world.take(b"a 2\nb 3\n", 20) == [("a", 20, 2.0), ("b", 20, 3.0)]


def test_churning_heads_are_let_go():
    world = World()
    for number in range(60):
        world.take(b"".join(b'a{n="%d"} 1\n' % (number * 100 + n) for n in range(100)), number)
    assert len(world.series._heads) < 1400
