"""What the node is told: in order, bounded, and made up for where it was not."""

from __future__ import annotations

from typing import Any

import numpy as np

from gadfly.monitor.events import EVENT, EventKind
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.news import News
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import Kind


def test_the_ring_keeps_the_oldest_and_counts_the_rest(stage: Any) -> None:
    ring = stage.members.ring
    events = np.zeros(1500, EVENT)
    events["slot"] = np.arange(1500)
    assert ring.write(events[:1000]) == 0
    assert ring.write(events[1000:]) == 476
    assert ring.overflowed == 476
    got = np.concatenate([ring.read(600), ring.read(600)])
    assert got["slot"].tolist() == list(range(1024))
    assert ring.write(events[:100]) == 0  # around the end
    assert ring.read()["slot"].tolist() == list(range(100))
    assert not len(ring.read())


def test_news_pass_through(stage: Any) -> None:
    news = News(stage.members)
    assert not len(news.read(0))
    stage.beat("a", 1, kind=Kind.announce)
    stage.beat("a", 1, incarnation=2)
    stage.journal.flush()
    assert news.read(0)["kind"].tolist() == [0, 1, 2]
    assert not len(news.read(0))
    news.mistrust()
    assert not len(news.read(0))  # nothing differs


def test_what_the_ring_lost_is_made_up_from_the_columns(stage: Any) -> None:
    news = News(stage.members)
    for number in range(0, 900, 100):
        stage.hear(*[stage.frame(f"n{n}", 1, kind=Kind.announce) for n in range(number, number + 100)])
    stage.beat("n0", 2, kind=Kind.goodbye)
    stage.beat("n1", 1, incarnation=2)
    stage.journal.flush()
    assert stage.members.ring.overflowed
    told: dict[int, int] = {}
    kinds: dict[int, int] = {}
    while len(events := news.read(5)):
        for event in events:
            kinds[int(event["kind"])] = kinds.get(int(event["kind"]), 0) + 1
            if event["kind"] == EventKind.transition:
                assert told.get(int(event["slot"]), 0) == event["before"]
                told[int(event["slot"])] = int(event["after"])
    assert told == {slot: int(stage.members.liveness[slot]) for slot in range(900)}
    assert kinds[EventKind.card] == 900
    assert kinds[EventKind.restarted] == 1


def test_the_forgotten_make_no_news(stage: Any) -> None:
    news = News(stage.members)
    stage.beat("a", 1)
    stage.journal.flush()
    news.read(0)
    stage.members.remove(np.array([0]))
    news.mistrust()
    assert not len(news.read(0))
    stage.beat("b", 1)
    news.mistrust()
    assert news.read(0)["after"].tolist() == [Liveness.alive]


def test_a_change_that_is_none_only_sets_the_reason(stage: Any) -> None:
    stage.beat("a", 1)
    stage.journal.flush()
    stage.members.ring.read()
    stage.journal.change(np.array([0]), Liveness.alive, Why.reply)
    assert not stage.journal.flush()
    assert stage.why("a") is Why.reply


def test_a_status_that_changes_without_an_announce_is_told(stage: Any) -> None:
    news = News(stage.members)
    stage.beat("a", 1)
    stage.beat("a", 2, status="warn")
    stage.beat("a", 3, status="warn")
    stage.journal.flush()
    assert news.read(0)["kind"].tolist() == [EventKind.transition, EventKind.status]
    stage.beat("a", 4, status="pass")
    stage.journal._events.clear()  # as if the ring had had no room
    news.mistrust()
    assert news.read(0)["kind"].tolist() == [EventKind.status]
