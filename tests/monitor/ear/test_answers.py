"""Replies settle suspicions, challenges settle doubtful incarnations, and nothing else in a reply does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.monitor.liveness import Liveness
from gadfly.monitor.replies import CHALLENGES
from gadfly.monitor.row import ANSWERS
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import Kind, component_id, key_id


def suspected(stage: Any, tries: int = 1) -> int:
    """A component that beat thrice, is late and was asked; the nonce it was asked with."""
    stage.beats("a", 1, 3)
    stage.at(stage.seconds + 1.4)
    (nonce,) = stage.judge.asked(stage.judge_now()).tolist()
    for _ in range(tries - 1):
        stage.at(stage.seconds + 0.2)
        (nonce,) = stage.judge.asked(stage.judge_now()).tolist()
    assert stage.liveness("a") is Liveness.suspect
    return nonce


def reply(stage: Any, nonce: Any, sequence: int = 9, **more: Any) -> None:
    stage.beat("a", sequence, kind=Kind.reply, card={"nonce": nonce, "host": "h"}, **more)


def test_an_answer_means_alive(stage: Any) -> None:
    nonce = suspected(stage)
    stage.at(stage.seconds + 0.02)
    reply(stage, nonce)
    assert (stage.liveness("a"), stage.why("a")) == (Liveness.alive, Why.reply)
    row = stage.members.rows[stage.slot("a")]
    assert row["answers"] == ANSWERS
    assert row["sequence"] == 9
    assert stage.loss.fleet_trip[0] == pytest.approx(0.02)
    assert stage.members.card(stage.slot("a")) == b'{"name":"a","host":"h"}'
    assert stage.members.counters.get("enquiries_answered") == 1


def test_it_may_say_that_it_is_stalled(stage: Any) -> None:
    reply(stage, suspected(stage), status="stalled")
    assert (stage.liveness("a"), stage.why("a")) == (Liveness.stalled, Why.says_stalled)


def test_unanswered_tries_of_the_living_are_remembered(stage: Any) -> None:
    reply(stage, suspected(stage, tries=3))
    assert stage.loss.tries.sum(axis=1).tolist() == [1, 1, 2, 1]


@pytest.mark.parametrize("nonce", [0, -1, 64, "1", None, 1.5, True])
def test_a_reply_that_nobody_asked_for(stage: Any, nonce: Any) -> None:
    suspected(stage)
    reply(stage, nonce)
    assert stage.liveness("a") is Liveness.suspect
    assert stage.dropped() == {"unasked": 1}


def test_a_reply_before_any_enquiry(stage: Any) -> None:
    stage.beat("a", 1)
    reply(stage, 1)
    assert stage.dropped() == {"unasked": 1}


def test_a_late_second_answer_is_taken_too_and_spoils_no_count(stage: Any) -> None:
    nonce = suspected(stage, tries=2)
    reply(stage, nonce - 1, 4)
    reply(stage, nonce, 5)
    stage.beat("a", 6)
    assert stage.members.lost[stage.slot("a")] == 0
    assert not stage.dropped()


def test_answered_by_its_successor(stage: Any) -> None:
    reply(stage, suspected(stage), 1, incarnation=2)
    assert stage.members.incarnation[stage.slot("a")] == 2
    assert stage.members.restarts[stage.slot("a")] == 1
    assert stage.liveness("a") is Liveness.alive


def test_answered_by_its_predecessor_while_it_is_gone(stage: Any) -> None:
    reply(stage, suspected(stage), 1, incarnation=0)
    assert stage.liveness("a") is Liveness.alive
    nonce = int(stage.members.rows["nonce"][stage.slot("a")])
    stage.beat("a", 2, incarnation=7)
    stage.members.rows["nonce"][stage.slot("a")] = nonce
    reply(stage, nonce, 3, incarnation=5)  # now it is not gone
    assert stage.dropped() == {"unasked": 1}


def challenged(stage: Any, incarnation: int) -> int:
    return int(stage.replies.challenge(component_id("a"), incarnation))


def test_a_clock_set_back_is_no_lock_out(stage: Any) -> None:
    stage.beat("a", 1, incarnation=100)
    nonce = challenged(stage, 40)
    assert challenged(stage, 40) == 0  # not again at once
    reply(stage, nonce, 5, incarnation=40)
    assert stage.dropped() == {"unasked": 1}  # the newer one is alive: it stays
    stage.at(102)
    stage.judge_now()
    reply(stage, nonce, 6, incarnation=40)
    assert stage.members.incarnation[stage.slot("a")] == 40
    assert stage.liveness("a") is Liveness.alive
    assert stage.members.counters.get("challenges_won") == 1
    stage.beat("a", 7, incarnation=40)
    assert stage.dropped() == {"unasked": 1}


def test_an_incarnation_from_the_future_gives_way_even_while_it_is_alive(stage: Any) -> None:
    stage.beat("a", 1, incarnation=stage.wall * 2)
    reply(stage, challenged(stage, 40), 5, incarnation=40)
    assert stage.members.incarnation[stage.slot("a")] == 40


def test_one_whose_clock_is_wrong_proves_itself(stage: Any) -> None:
    stage.secret = b"s" * 16
    stage.listening.use_keys({key_id(stage.secret): stage.secret})
    nonce = challenged(stage, 1)
    reply(stage, nonce, 5, sent=0)
    assert stage.liveness("a") is Liveness.alive
    assert stage.members.source(stage.slot("a")) == "10.0.0.7:4000"
    stage.beat("a", 6, sent=0)
    assert stage.members.beats[stage.slot("a")] == 1


@pytest.mark.parametrize(("incarnation", "add", "wait"), [(41, 0, 0), (40, 64, 0), (40, 0, 11)])
def test_a_challenge_is_won_by_its_own_nonce_in_time(
    stage: Any, incarnation: int, add: int, wait: int
) -> None:
    nonce = challenged(stage, 40)
    stage.at(stage.seconds + wait)
    reply(stage, nonce + add, 5, incarnation=incarnation)
    assert stage.slot("a") == -1


def test_challenges_are_bounded_and_end(stage: Any) -> None:
    for number in range(CHALLENGES):
        assert stage.replies.challenge(number, 1)
    assert not stage.replies.challenge(CHALLENGES, 1)
    stage.at(stage.seconds + 11)
    assert stage.replies.challenge(CHALLENGES, 1)


def test_no_slot_left_for_the_one_that_proved_itself(stage: Any) -> None:
    stage.members.insert(np.arange(1, 1001, dtype=np.uint64))
    reply(stage, challenged(stage, 1), 5)
    assert stage.dropped() == {"unasked": 1}


def test_a_reply_of_one_that_does_not_beat_regularly(stage: Any) -> None:
    reply(stage, challenged(stage, 1), 5, every=0)
    assert stage.liveness("a") is Liveness.alive


def test_a_beat_behind_a_reply_in_one_batch_is_no_replay(stage: Any) -> None:
    nonce = suspected(stage)
    answer = stage.frame("a", 5, kind=Kind.reply, card={"nonce": nonce})
    stage.hear(answer, stage.frame("a", 4))
    assert not stage.dropped()
    assert stage.members.sequence[stage.slot("a")] == 5
