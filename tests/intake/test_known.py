"""What is remembered of senders' series, and for how long."""

from __future__ import annotations

from gadfly.intake.known import Known


def test_numbers_by_keys() -> None:
    known = Known()
    known.learn([(b"a", 1), (None, 2), (b"b", 3)], 0.0)
    assert dict(known) == {b"a": 1, b"b": 3}


def test_it_is_forgotten_whole_beyond_its_bound() -> None:
    known = Known(bound=1000)
    for number in range(50):
        known.learn([(b"%03d" % number, number)], 0.0)
        assert 0 < len(known) < 8
    assert known[b"049"] == 49


def test_a_refusal_is_asked_for_again_after_a_minute() -> None:
    known = Known()
    known.learn([(b"a", -1), (b"b", 2)], 100.0)
    known.renew(159.0)
    assert known[b"a"] == -1
    known.renew(160.0)
    assert dict(known) == {b"b": 2}
    known.learn([(b"a", -1)], 161.0)
    known.learn([(b"a", 7)], 170.0)
    known.renew(230.0)
    assert known[b"a"] == 7


def test_refusals_that_are_asked_for_again_take_no_more_room() -> None:
    known = Known(bound=1000)
    known.learn([(b"b", 2)], 0.0)
    for minute in range(50):
        known.renew(60.0 * minute)
        known.learn([(b"a", -1)], 60.0 * minute)
    assert known[b"b"] == 2
