"""What the node itself writes is the node's: a sender cannot stop it by samples that lie ahead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.intake import job_series, log_counts, scrape_writer
from gadfly.own_series import SOURCE as GADFLY
from gadfly.promql.source import STALE
from gadfly.rules.samples import SOURCE as RULE
from gadfly.store.series import Batch, Refusal, record
from gadfly.store.series.csr import join
from gadfly.store.series.head import Head
from gadfly.store.series.head import select as head_select
from gadfly.store.series.journal import Journal
from gadfly.store.series.owner import by_node

NOW = 1_800_000_000_000
AHEAD = NOW + 590_000
UP = {"__name__": "up", "instance": "127.0.0.1:17171", "job": "fs"}
SHOWN = 'up{instance="127.0.0.1:17171",job="fs"}'
NAME = "up{'instance': '127.0.0.1:17171', 'job': 'fs'}"
OURS = "scrape report:fs"
THEIRS = "remote_write:x"


async def send(store: Any, samples: list[tuple[int, float]], source: str = THEIRS, number: int = 0) -> Any:
    """By a sender that kept the number of the series."""
    at, value = zip(*samples, strict=True)
    batch = Batch(np.full(len(at), number), np.array(at), np.array(value))
    return await store.series.append(batch, source)


@pytest.mark.parametrize("source", [GADFLY, RULE, "predict", job_series.SOURCE, log_counts.SOURCE, OURS])
def test_the_nodes_own_sources(source: str) -> None:
    assert by_node(source)
    assert f"{scrape_writer.REPORT}:fs" == OURS


@pytest.mark.parametrize(
    "source",
    ["", "test", "scrape:fs", "scrape report", "remote_write:gadfly", "otlp:rule", "statsd", "push:log"],
)
def test_sources_of_senders(source: str) -> None:
    assert not by_node(source)


@pytest.mark.parametrize("again", [False, True], ids=["running", "restarted"])
async def test_a_sender_is_refused(store: Any, again: bool) -> None:
    """The repro: `up` of a scrape job, written ten minutes ahead by remote write."""
    await store.put(UP, [(NOW, 1.0)], OURS)
    if again:
        await store.again()
    numbers, refused = store.series.intern([UP, {"__name__": "other"}], THEIRS)
    assert (numbers[0], refused) == (-1, (Refusal("node_writes", 1, SHOWN),))
    assert numbers[1] >= 0
    taken = await send(store, [(AHEAD, 0.0), (AHEAD + 1, 0.0)])
    assert taken == (0, (Refusal("node_writes", 2, SHOWN),))
    assert "the node itself writes this series" in str(taken.refused[0])
    standing = store.series.standing()
    assert standing.refused == {(THEIRS, "node_writes"): 3}
    assert standing.exemplars == {(THEIRS, "node_writes"): SHOWN}
    assert (await store.put(UP, [(NOW + 5000, 1.0)], OURS)).samples == 1
    assert store.got() == {NAME: [(NOW, 1.0), (NOW + 5000, 1.0)]}


@pytest.mark.parametrize("again", [0, 1, 2], ids=["running", "restarted_before", "restarted_after"])
async def test_the_node_takes_over(store: Any, again: int) -> None:
    """What a sender wrote first: its past stays, what lies ahead goes."""
    await store.put(UP, [(NOW - 60_000, 7.0), (NOW, 8.0), (AHEAD, 9.0)], THEIRS)
    await store.put({"__name__": "other"}, [(AHEAD, 1.0)], THEIRS)
    if again == 1:
        await store.again()
    assert await store.put(UP, [(NOW, 1.0), (NOW + 5000, 1.0)], OURS) == (2, ())
    if again == 2:
        await store.again()
    else:
        assert store.series.standing().refused == {(THEIRS, "taken_over"): 2}
    held = {NAME: [(NOW - 60_000, 7.0), (NOW, 1.0), (NOW + 5000, 1.0)], "other": [(AHEAD, 1.0)]}
    assert store.got() == held
    assert [one.reason for one in (await send(store, [(AHEAD, 9.0)])).refused] == ["node_writes"]
    assert store.series.standing().live == {OURS: 1, THEIRS: 1}
    assert await send(store, [(AHEAD, 1.0), (AHEAD + 1, 2.0)], THEIRS, 1) == (1, ())
    assert (await store.put(UP, [(NOW + 10_000, 1.0)], OURS)).samples == 1


async def test_it_takes_over_once_the_future_is_in_many_runs(store: Any) -> None:
    for step in range(1, 60):
        await store.put(UP, [(NOW + step * 10_000, float(step))], THEIRS)
    store.series._held.head.drop(0)  # what is the tail becomes a run
    assert await store.put(UP, [(NOW + 25_000, 0.5)], OURS) == (1, ())
    assert store.got() == {NAME: [(NOW + 10_000, 1.0), (NOW + 20_000, 2.0), (NOW + 25_000, 0.5)]}
    assert store.series.standing().refused == {(THEIRS, "taken_over"): 57}


async def test_only_samples_that_can_be_taken_take_over(store: Any) -> None:
    await store.put(UP, [(NOW, 1.0)], THEIRS)
    assert (await store.put(UP, [(NOW + 600_001, 2.0)], OURS)).refused[0].reason == "too_far_ahead"
    assert await send(store, [(NOW + 1, 2.0)]) == (1, ())


async def test_both_in_one_commit(store: Any) -> None:
    """Whoever comes first, the node's are taken and the sender's are not."""
    await store.put(UP, [(NOW, STALE)], OURS)
    writer = store.series._writer

    def batch(at: int) -> Batch:
        return Batch(np.array([0]), np.array([at]), np.array([1.0]))

    found = writer._take([batch(AHEAD), batch(NOW + 5000), batch(AHEAD)], [THEIRS, OURS, THEIRS])
    assert [one.samples for one in found] == [0, 1, 0]
    assert [[one.reason for one in taken.refused] for taken in found] == [
        ["node_writes"],
        [],
        ["node_writes"],
    ]


@pytest.mark.parametrize(
    ("ended", "later", "taken"),
    [(False, 3599, 0), (False, 3602, 1), (True, 1, 1)],
    ids=["still_written", "not_for_an_hour", "ended_by_a_marker"],
)
async def test_what_the_node_writes_no_more_is_anybodys(
    store: Any, ended: bool, later: int, taken: int
) -> None:
    """As where a scrape job moves to a Prometheus that writes the same `up` here; and back."""
    await store.put(UP, [(NOW, STALE if ended else 1.0)], OURS)
    await store.clock.advance(later)
    at = NOW + later * 1000
    assert (await send(store, [(at, 3.0)])).samples == taken
    if taken:
        assert store.series.standing().live == {OURS: 0, THEIRS: 1}
        assert store.series.intern([UP], THEIRS)[1] == ()
        await store.again()
        assert (await send(store, [(at + 1000, 3.0), (at + 400_000, 4.0)])).samples == 2
        assert (await store.put(UP, [(at + 2000, 1.0)], OURS)).samples == 1
        assert [row[0] for row in store.got()[NAME]][-2:] == [at + 1000, at + 2000]


async def test_a_senders_own_up_is_taken(store: Any) -> None:
    """A Prometheus that writes what it scrapes itself, and its alerts."""
    for labels in (UP, {"__name__": "ALERTS", "alertname": "A"}):
        assert (await store.put(labels, [(NOW, 1.0)], THEIRS)).samples == 1
        assert (await store.put(labels, [(NOW + 1, 1.0)], "remote_write:y")).samples == 1
    assert store.series.standing().refused == {}


async def test_the_node_comes_to_a_series_of_a_source_that_is_full(make: Any) -> None:
    from gadfly.config.series import Series as Settings

    store = await make(Settings(series_per_source=2))
    await store.put(UP, [(NOW, 1.0)], THEIRS)
    store.series._held.index.revive(np.empty(0, np.int64))
    for name in ("a", "b"):
        await store.put({"__name__": name}, [(NOW, 1.0)], THEIRS)
    assert store.series.intern([UP], THEIRS)[1][0].reason == "series_per_source"
    assert (await store.put(UP, [(NOW + 1, 1.0)], OURS)).samples == 1


async def test_the_last_word_of_the_file_of_names_counts(store: Any, tmp_path: Path) -> None:
    await store.put(UP, [(NOW, 1.0)], THEIRS)
    await store.put(UP, [(NOW + 1, 1.0)], OURS)
    said = [one for payload in Journal(store.folder / "names.log").read() for one in record.named(payload)[0]]
    assert [(one.number, one.source) for one in said] == [(0, THEIRS), (0, OURS)]


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=60),
    sizes=st.lists(st.integers(1, 10), min_size=1, max_size=10),
    since=st.dictionaries(st.integers(0, 6), st.integers(0, 31), min_size=1),
)
def test_what_is_withdrawn_of_the_head(
    rows: list[tuple[int, int]], sizes: list[int], since: dict[int, int]
) -> None:
    rows = sorted(set(rows), key=lambda row: row[1])
    head, left = Head(), rows
    for size in sizes:
        part, left = left[:size], left[size:]
        if part:
            series, at = (np.array(column, np.int64) for column in zip(*part, strict=True))
            head.append(Batch(series, at, at * 1.0))
            head._settle()
    taken = rows[: len(rows) - len(left)]
    ids = np.array(sorted(since), np.int64)
    gone = head.withdraw(ids, np.array([since[number] for number in ids.tolist()], np.int64))
    kept = [row for row in taken if row[0] not in since or row[1] < since[row[0]]]
    assert gone.tolist() == [
        sum(row[0] == number and row[1] >= since[number] for row in taken) for number in ids.tolist()
    ]
    assert len(head) == len(kept)
    found = join(head_select(head.runs(), None, -1, 100))
    held = zip(np.repeat(found.ids, np.diff(found.offsets)).tolist(), found.at.tolist(), strict=True)
    assert list(held) == sorted(kept)
