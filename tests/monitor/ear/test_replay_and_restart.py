"""What a beat may change: sequences go up, incarnations go up, recordings are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.monitor.events import EventKind
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import NEVER
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import Kind, key_id

SECRET = b"s" * 16


def keyed(stage: Any) -> None:
    stage.secret = SECRET
    stage.listening.use_keys({key_id(SECRET): SECRET})


def test_a_first_announce_makes_a_member(stage: Any) -> None:
    stage.beat("a", 1, kind=Kind.announce, card={"owner": "team"})
    slot = stage.slot("a")
    assert stage.liveness("a") is Liveness.alive
    assert stage.members.card(slot) == b'{"name": "a", "owner": "team"}'
    assert stage.members.source(slot) == "10.0.0.7:4000"
    assert stage.members.deadline[slot] == stage.journal.now + 1_250_000_000
    stage.journal.flush()
    kinds = [int(kind) for kind in stage.members.ring.read()["kind"]]
    assert kinds == [EventKind.transition, EventKind.card]


@pytest.mark.parametrize("sequence", [3, 2, 1])
def test_a_sequence_heard_before_is_a_replay(stage: Any, sequence: int) -> None:
    stage.beat("a", 3)
    stage.at(101)
    stage.beat("a", sequence)
    assert stage.dropped() == {"replay": 1}
    assert stage.members.seen[stage.slot("a")] == 100_000_000_000


def test_a_recorded_former_life_does_not_supersede(stage: Any) -> None:
    stage.beat("a", 1, incarnation=50)
    stage.beat("a", 99, incarnation=49)
    assert stage.dropped() == {"stale": 1}
    assert stage.contested
    assert stage.members.incarnation[stage.slot("a")] == 50


def test_a_restart(stage: Any) -> None:
    stage.beat("a", 70, incarnation=50)
    stage.journal.flush()
    stage.members.ring.read()
    stage.beat("a", 1, incarnation=51)
    assert stage.members.restarts[stage.slot("a")] == 1
    assert stage.members.lost[stage.slot("a")] == 0
    stage.journal.flush()
    assert [int(kind) for kind in stage.members.ring.read()["kind"]] == [EventKind.restarted]


def test_signed_recordings_of_unknown_components_are_known_by_the_clock(stage: Any) -> None:
    keyed(stage)
    day_ago = stage.wall - 86_400_000_000_000
    stage.beat("a", 1, sent=day_ago)
    assert stage.dropped() == {"clock": 1}
    assert stage.slot("a") == -1
    assert stage.contested == [(stage.contested[0][0], 1, 4000)]
    stage.beat("a", 2)
    assert stage.liveness("a") is Liveness.alive
    stage.beat("a", 1, incarnation=2, sent=day_ago)  # a recorded restart
    assert stage.dropped() == {"clock": 2}
    stage.beat("a", 3, sent=day_ago)  # the clock of one that is known does not matter
    assert stage.members.beats[stage.slot("a")] == 2


def test_unsigned_a_wrong_clock_is_no_reason(stage: Any) -> None:
    stage.beat("a", 1, sent=0)
    assert stage.liveness("a") is Liveness.alive


def test_no_slot_left(stage: Any) -> None:
    stage.hear(*[stage.frame(f"n{number}", 1) for number in range(1003)])
    assert stage.dropped() == {"full": 3}
    assert stage.members.size == 1000


def test_several_of_one_component_in_one_batch(stage: Any) -> None:
    stage.beat("a", 1)
    stage.hear(
        *[stage.frame("a", sequence) for sequence in (3, 2, 5, 5, 1)],
        stage.frame("b", 1),
        stage.frame("a", 6, kind=Kind.goodbye),
    )
    slot = stage.slot("a")
    assert stage.dropped() == {"replay": 2}
    assert stage.members.beats[slot] == 5
    assert stage.members.lost[slot] == 1  # the fourth
    assert stage.members.sequence[slot] == 6
    assert stage.liveness("a") is Liveness.left
    assert stage.liveness("b") is Liveness.alive


def test_two_lives_and_two_cards_in_one_batch(stage: Any) -> None:
    stage.hear(
        stage.frame("a", 1, kind=Kind.announce, incarnation=8, card={"v": 2}),
        stage.frame("a", 9, kind=Kind.announce, incarnation=7, card={"v": 1}),
    )
    assert stage.members.incarnation[stage.slot("a")] == 8
    assert stage.members.card(stage.slot("a")) == b'{"name": "a", "v": 2}'


def test_lost_beats_are_counted_by_the_gap_and_a_jump_is_none(stage: Any) -> None:
    stage.beat("a", 1)
    stage.beat("a", 4)
    assert stage.members.lost[stage.slot("a")] == 2
    stage.beat("a", 1_000_000)
    assert stage.members.lost[stage.slot("a")] == 2


def test_goodbye_and_coming_back(stage: Any) -> None:
    stage.beat("a", 1)
    goodbye = stage.frame("a", 2, kind=Kind.goodbye)
    stage.hear(goodbye)
    stage.hear(goodbye)  # its copies against loss
    assert stage.liveness("a") is Liveness.left
    assert stage.why("a") is Why.goodbye
    assert stage.members.deadline[stage.slot("a")] == NEVER
    assert stage.dropped() == {"replay": 1}
    stage.beat("a", 1, incarnation=2)
    assert stage.liveness("a") is Liveness.alive


@pytest.mark.parametrize(
    ("status", "liveness", "why"),
    [
        ("pass", Liveness.alive, Why.beat),
        ("fail", Liveness.alive, Why.beat),
        ("stalled", Liveness.stalled, Why.says_stalled),
    ],
)
def test_what_it_says_of_itself(stage: Any, status: str, liveness: Liveness, why: Why) -> None:
    stage.beat("a", 1, status=status)
    assert (stage.liveness("a"), stage.why("a")) == (liveness, why)


def test_one_that_does_not_beat_regularly_has_no_deadline(stage: Any) -> None:
    stage.beat("a", 1, every=0)
    assert stage.members.deadline[stage.slot("a")] == NEVER


def test_moving_to_another_port_is_noticed(stage: Any) -> None:
    stage.beat("a", 1)
    stage.beat("a", 2)
    assert stage.members.rows["steady"][stage.slot("a")] == 2
    stage.hear(stage.frame("a", 3), port=4001)
    assert stage.members.rows["steady"][stage.slot("a")] == 1
    assert stage.members.source(stage.slot("a")) == "10.0.0.7:4001"


def test_an_unchanged_card_is_no_news(stage: Any) -> None:
    stage.beat("a", 1, kind=Kind.announce)
    stage.journal.flush()
    stage.members.ring.read()
    stage.beat("a", 2, kind=Kind.announce)
    stage.journal.flush()
    assert not len(stage.members.ring.read())


def test_enquiries_are_for_hearts_not_for_ears(stage: Any) -> None:
    stage.beat("a", 1, kind=Kind.enquiry)
    assert stage.dropped() == {"kind": 1}


def test_a_mixed_batch_takes_the_good(stage: Any) -> None:
    stage.hear(b"garbage", stage.frame("a", 1), bytes(64), stage.frame("b", 1)[:60], stage.frame("b", 2))
    assert stage.dropped() == {"short": 2, "magic": 1}
    assert np.count_nonzero(stage.members.liveness[:5] == Liveness.alive) == 2


def test_by_http_there_is_no_port(stage: Any) -> None:
    stage.listening.inject(stage.frame("a", 1, kind=Kind.announce), bytes(10) + b"\xff\xff\x0a\0\0\x09")
    assert stage.liveness("a") is Liveness.alive
    assert stage.members.source(stage.slot("a")) == ""
    stage.listening.inject(b"x" * 5000, bytes(16))
    assert stage.dropped() == {"long": 1}
    stage.listening.inject(stage.frame("a", 1, incarnation=0), bytes(16))
    assert not stage.contested  # nobody to ask
