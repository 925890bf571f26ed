"""From a missing beat to a verdict: every way through the table of judge.py."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from gadfly.monitor import suspicion
from gadfly.monitor.enquiry import TRY_BITS
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import NEVER
from gadfly.monitor.row import ANSWERS, MUTE
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import Kind


def clean(stage: Any, bucket_of: str = "a") -> None:
    """The network has shown itself to be clean."""
    bucket = int(stage.members.rows["bucket"][stage.slot(bucket_of)])
    stage.loss.arrived(np.full(1000, bucket), np.zeros(1000, np.int64))


def until_decided(stage: Any, name: str, seconds: float, *, asked: bool = True) -> float:
    """Let time pass in steps of 10 ms, asking without an answer; seconds until it was silent."""
    start = stage.seconds
    while stage.liveness(name) is not Liveness.silent:
        stage.at(stage.seconds + 0.01)
        assert stage.seconds < start + seconds
        suspects = stage.judge_now()
        if len(suspects) and asked:
            stage.judge.asked(suspects)
    return float(stage.seconds - start)


def test_not_late_within_the_margin(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.at(stage.seconds + 1.09)
    assert not len(stage.judge_now())
    assert stage.liveness("a") is Liveness.alive
    stage.at(stage.seconds + 0.03)
    assert stage.judge_now().tolist() == [stage.slot("a")]
    assert (stage.liveness("a"), stage.why("a")) == (Liveness.suspect, Why.overdue)


def test_three_tries_and_half_an_interval_on_a_clean_network(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.answers("a")
    clean(stage)
    assert until_decided(stage, "a", 3) <= 1.0 + 0.1 + 0.5
    assert stage.why("a") is Why.no_answer
    assert stage.members.rows["tries"][stage.slot("a")] == 3
    assert stage.members.deadline[stage.slot("a")] == NEVER


def test_more_tries_on_a_lossy_network(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.answers("a")
    bucket = int(stage.members.rows["bucket"][stage.slot("a")])
    stage.loss.arrived(np.full(4000, bucket), np.tile([1, 0, 0, 0], 1000))
    took = until_decided(stage, "a", 30)
    assert took > 2
    assert stage.members.rows["tries"][stage.slot("a")] > 5


def test_one_that_was_never_known_to_answer_is_not_condemned_by_its_silence(stage: Any) -> None:
    stage.beats("a", 1, 20)
    clean(stage)
    stage.members.rows["answers"][stage.slot("a")] = MUTE
    assert until_decided(stage, "a", 30) > 3
    assert stage.why("a") is Why.overdue


def test_listening_only(stage: Any) -> None:
    stage.judge.enquire = False
    stage.beats("a", 1, 20)
    clean(stage)
    stage.at(stage.seconds + 1.2)
    assert not len(stage.judge_now())
    assert stage.liveness("a") is Liveness.late
    assert 2 < until_decided(stage, "a", 10) < 5
    assert stage.why("a") is Why.overdue


def test_fewer_mistakes_take_longer(stage: Any) -> None:
    stage.judge.enquire = False
    stage.beats("a", 1, 20)
    stage.beats("b", 1, 20)
    clean(stage)
    stage.judge.mistakes = 1e-6
    assert until_decided(stage, "a", 20) > 5


def test_by_http_there_is_nobody_to_ask(stage: Any) -> None:
    stage.listening.inject(stage.frame("a", 1), bytes(16))
    stage.at(stage.seconds + 2)
    assert not len(stage.judge_now())
    assert stage.liveness("a") is Liveness.late


def test_a_beat_ends_the_suspicion_and_teaches(stage: Any) -> None:
    stage.beats("a", 1, 5)
    stage.at(stage.seconds + 1.5)
    stage.judge.asked(stage.judge_now())
    stage.at(stage.seconds + 0.6)
    stage.beat("a", 7)
    assert stage.liveness("a") is Liveness.alive
    assert stage.members.counters.get("recovered") == 1
    assert stage.loss.tries.sum(axis=1).tolist() == [1, 1, 0, 0]
    assert stage.members.rows["tries"][stage.slot("a")] == 0


def test_a_death_that_was_a_mistake_is_counted(stage: Any) -> None:
    stage.beats("a", 1, 5)
    stage.answers("a")
    clean(stage)
    until_decided(stage, "a", 5)
    stage.beat("a", 8)
    assert stage.liveness("a") is Liveness.alive
    assert stage.members.counters.get("recovered_lost") == 1


def test_a_process_that_was_stopped_was_no_mistake(stage: Any) -> None:
    stage.beats("a", 1, 5)
    stage.answers("a")
    clean(stage)
    until_decided(stage, "a", 5)
    stage.beat("a", 6)
    assert stage.members.counters.get("recovered_lost") == 0


def refusable(stage: Any) -> int:
    stage.beats("a", 1, 5)
    stage.at(stage.seconds + 1.5)
    return int(stage.judge.asked(stage.judge_now())[0])


def refuse(stage: Any, nonce: int) -> None:
    stage.judge.refused(np.array([stage.slot("a")]), np.array([nonce], np.uint64))


def test_refused_is_dead_at_once(stage: Any) -> None:
    nonce = refusable(stage)
    refuse(stage, nonce)
    assert (stage.liveness("a"), stage.why("a")) == (Liveness.silent, Why.refused)


@pytest.mark.parametrize("wrong", [64, -(1 << 40)])
def test_a_refusal_of_another_enquiry_is_nothing(stage: Any, wrong: int) -> None:
    refuse(stage, max(0, refusable(stage) + wrong))
    assert stage.liveness("a") is Liveness.suspect


def test_a_port_that_was_never_its_own_proves_nothing(stage: Any) -> None:
    nonce = refusable(stage)
    stage.members.rows["steady"][stage.slot("a")] = 1
    refuse(stage, nonce)
    assert stage.liveness("a") is Liveness.suspect


def test_a_hundred_thousand_refusals_are_read_in_a_moment(stage: Any) -> None:
    stage = type(stage)(100_000)
    ids = np.arange(1, 100_001, dtype=np.uint64)
    slots = stage.members.insert(ids)
    rows = stage.members.rows
    rows["nonce"][slots] = ids << np.uint64(TRY_BITS)
    rows["answers"][slots], rows["port"][slots] = ANSWERS, slots % 60_000 + 1
    rows["interval"][slots] = 1000
    stage.members.liveness[slots] = Liveness.suspect
    begun = time.process_time()
    for first in range(0, len(slots), 4096):
        some = slots[first : first + 4096]
        stage.judge.refused(some, rows["nonce"][some])
    assert time.process_time() - begun < 2
    assert (stage.members.liveness[slots] == Liveness.silent).all()
    assert stage.members.counters.get("declared_refused") == 100_000
    stage.members.close()


def test_all_that_beat_from_a_closed_port_are_gone_with_it(stage: Any) -> None:
    for sequence in (1, 2, 3):
        stage.at(stage.seconds + 1)
        stage.hear(*[stage.frame(name, sequence) for name in "abc"])
        stage.hear(stage.frame("d", sequence), port=5000)
        stage.hear(stage.frame("e", sequence), host="10.0.0.8")
    stage.at(stage.seconds + 1.5)
    nonces = stage.judge.asked(stage.judge_now())
    stage.judge.refused(np.array([0, 0]), nonces[[0, 0]])
    assert [stage.liveness(name).name for name in "abcde"] == ["silent"] * 3 + ["suspect"] * 2


@pytest.mark.parametrize(
    ("incarnation", "liveness"), [(1, Liveness.silent), (0, Liveness.silent), (2, Liveness.alive)]
)
def test_evidence_is_about_one_incarnation(stage: Any, incarnation: int, liveness: Liveness) -> None:
    stage.beats("a", 1, 3)
    stage.judge.proved(stage.slot("a"), incarnation, Why.exited)
    assert stage.liveness("a") is liveness


def test_evidence_about_one_that_left_is_no_news(stage: Any) -> None:
    stage.beat("a", 1, kind=Kind.goodbye)
    stage.judge.proved(stage.slot("a"), 1, Why.exited)
    assert stage.liveness("a") is Liveness.left


def fleet(stage: Any, hosts: int) -> None:
    for sequence in range(1, 6):
        stage.at(stage.seconds + 1)
        for host in range(hosts):
            stage.hear(stage.frame(f"h{host}", sequence), host=f"10.0.0.{host + 1}")


def test_all_late_on_many_hosts_is_our_own_network_once(stage: Any) -> None:
    fleet(stage, 6)
    stage.at(stage.seconds + 1.3)
    assert not len(stage.judge_now())
    assert stage.members.counters.get("doubt_everyone") == 6
    stage.at(stage.seconds + 1.0)
    assert len(stage.judge_now()) == 6


def test_all_late_on_few_hosts_is_their_trouble(stage: Any) -> None:
    fleet(stage, 3)
    stage.at(stage.seconds + 1.3)
    assert len(stage.judge_now()) == 3


def test_what_the_kernel_dropped_may_have_been_the_beat(stage: Any) -> None:
    stage.beats("a", 1, 5)
    stage.at(stage.seconds + 1.3)
    assert not len(stage.judge_now(dropped=True))
    assert stage.members.counters.get("doubt_drops") == 1
    stage.at(stage.seconds + 1.0)
    assert len(stage.judge_now(dropped=True)) == 1  # once only


def test_after_a_long_absence_everybody_gets_an_interval(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.beats("b", 1, 20, every=60.0)
    stage.at(stage.seconds + 30)
    stage.judge.postpone(30.0)
    assert stage.members.deadline[stage.slot("a")] == stage.journal.now + 1_100_000_000
    assert stage.members.deadline[stage.slot("b")] > stage.journal.now + 29_000_000_000
    assert not len(stage.judge_now())


def test_after_a_short_absence_as_long_as_it_was(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.at(stage.seconds + 1.2)
    stage.judge.postpone(0.2)
    assert stage.members.deadline[stage.slot("a")] == stage.journal.now + 200_000_000


def test_suspicions_begin_again_after_an_absence(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.at(stage.seconds + 1.3)
    stage.judge.asked(stage.judge_now())
    stage.at(stage.seconds + 10)
    stage.judge.postpone(10.0)
    assert stage.members.rows["tries"][stage.slot("a")] == 0
    assert stage.members.overdue[stage.slot("a")] == stage.journal.now


def test_a_deadline_of_one_that_is_gone_is_taken_away(stage: Any) -> None:
    stage.beat("a", 1, kind=Kind.goodbye)
    stage.members.deadline[stage.slot("a")] = 0
    assert not len(stage.judge_now())
    assert stage.members.deadline[stage.slot("a")] == NEVER


def test_nobody_is_due_among_nobody(stage: Any) -> None:
    due = stage.judge.due()
    assert not len(due.slots)
    assert due.next == NEVER


def test_those_the_budget_left_out_come_again(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.at(stage.seconds + 1.3)
    suspects = stage.judge_now()
    stage.judge.not_asked(suspects, 0.05)
    assert stage.judge.due().next == stage.journal.now + 50_000_000


def test_an_outage_teaches_nothing(stage: Any) -> None:
    stage.beats("a", 1, 5)
    stage.answers("a")
    clean(stage)
    until_decided(stage, "a", 5)
    stage.at(stage.seconds + 8)
    stage.beat("a", 15)
    assert stage.loss.lost.sum() == 0
    assert stage.loss.tries.sum() == 0
    assert stage.members.counters.get("recovered_lost") == 0
    assert stage.members.rows["lost"][stage.slot("a")] == 9  # told, all the same


def test_the_last_try_before_a_verdict(stage: Any) -> None:
    stage.beats("a", 1, 20)
    stage.answers("a")
    clean(stage)
    last = []
    while stage.liveness("a") is not Liveness.silent:
        stage.at(stage.seconds + 0.01)
        suspects = stage.judge_now()
        if len(suspects):
            stage.judge.asked(suspects)
            last += stage.judge.last_tries(suspects).tolist()
    assert last == [False, False, True]


def many(stage: Any, names: int, *, every: float = 1.0) -> None:
    """So many members of one network beat for ten intervals."""
    for sequence in range(1, 11):
        stage.at(stage.seconds + every)
        for first in range(0, names, 500):
            frames = [stage.frame(f"m{n}", sequence, every=every) for n in range(first, first + 500)]
            stage.hear(*frames, port=4000 + first // 10_000)
    stage.members.rows["answers"][:names] = 1


def lost_at_once(stage: Any, names: int, seconds: float, alive: frozenset[int] = frozenset()) -> set[int]:
    """All are silent; at most 40 can be asked each 20 ms. Those in `alive` answer. Who was found dead."""
    end = stage.seconds + seconds
    while stage.seconds < end:
        stage.at(stage.seconds + 0.02)
        suspects = stage.judge_now()
        begun = stage.members.rows["tries"][suspects] > 0
        chosen = np.concatenate([suspects[begun], suspects[~begun]])[:40]
        stage.judge.not_asked(suspects[~np.isin(suspects, chosen)], 0.2)
        stage.judge.asked(chosen)
        answering = np.array([slot for slot in chosen.tolist() if slot in alive], np.int64)
        if len(answering):
            buckets = stage.members.rows["bucket"][answering]
            stage.loss.lived(buckets, np.zeros(len(answering)), answered=True)
            stage.members.liveness[answering] = Liveness.alive
            stage.members.deadline[answering] = NEVER
    return set(np.flatnonzero(stage.members.liveness[:names] == Liveness.silent).tolist())


def test_many_lost_at_once_are_told_by_a_sample(stage: Any) -> None:
    stage = type(stage)(20_000)
    many(stage, 20_000)
    found = lost_at_once(stage, 20_000, 4.0)
    assert len(found) == 20_000
    assert int((stage.members.rows["tries"][:20_000] == 0).sum()) > 15_000
    stage.members.close()


def test_where_the_sample_answers_the_others_are_asked(stage: Any) -> None:
    stage = type(stage)(20_000)
    many(stage, 20_000)
    found = lost_at_once(stage, 20_000, 3.6, alive=frozenset(range(0, 20_000, 2)))
    unasked = stage.members.rows["tries"][:20_000] == 0
    assert not found & set(np.flatnonzero(unasked).tolist())
    stage.members.close()


def test_a_silent_socket_speaks_for_all_that_beat_from_it(stage: Any) -> None:
    stage = type(stage)(20_000)
    many(stage, 20_000, every=10.0)
    found = lost_at_once(stage, 20_000, 26.0)  # 11 s until they are late
    assert len(found) == 20_000
    stage.members.close()


def test_a_silent_socket_says_nothing_of_who_was_late_after_it_was_asked(stage: Any) -> None:
    for second in range(10):
        stage.at(200 + second)
        stage.hear(*[stage.frame(name, second + 1) for name in "abc"])
        stage.at(200.3 + second)
        stage.hear(stage.frame("d", second + 1))
    for name in "abcd":
        stage.answers(name)
    clean(stage)
    stage.at(stage.seconds + 0.85)
    asked = stage.judge_now()
    while stage.liveness("a") is not Liveness.silent:
        stage.judge.asked(asked)
        stage.at(stage.seconds + 0.16)
        late = stage.judge_now()
        asked = late[late != stage.slot("d")]
        stage.judge.not_asked(late[late == stage.slot("d")], 0.01)
    assert [stage.liveness(name).name for name in "abcd"] == ["silent"] * 3 + ["suspect"]
    assert stage.members.rows["tries"][stage.slot("d")] == 0


def test_who_is_missed_is_counted_before_anybody_is_judged(stage: Any) -> None:
    """A fleet falls silent: when the first is due to be judged, others are past half of their margin."""
    for number in range(40):
        stage.at(100.0 + number / 40)
        stage.hear(stage.frame(f"n{number}", 1))
    for beat in range(2, 12):
        for number in range(40):
            stage.at(99.0 + beat + number / 40)
            stage.hear(stage.frame(f"n{number}", beat))
    stage.at(111.0)
    assert stage.judge.hushed() == 0
    rows = stage.members.rows
    first = stage.slot("n0")
    stage.at(int(stage.members.deadline[first]) / 1e9 + 0.001)
    half = float(suspicion.margin(np.array([1.0]), rows["jitter"][[first]])[0]) / 2
    assert stage.judge.hushed() == sum(number / 40 <= half + 0.001 for number in range(40))
    stage.members.liveness[: stage.members.size] = Liveness.silent
    assert stage.judge.hushed() == 0
