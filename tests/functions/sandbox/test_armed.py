"""Forks that are made ahead answer like others, and nothing passes from one call to the next."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gadfly.functions.sandbox import asking, frames, invocation, log_lines
from gadfly.functions.sandbox.supervisor import Answer, Limits

pytestmark = [pytest.mark.slow]
Called = Callable[..., list[Answer]]
COUNTS = """
    import os
    seen = []
    def handler(event, context):
        seen.append(1)
        print(event)
        return [event, len(seen), os.getpid()]
    """


@pytest.mark.parametrize("armed", [0, 1, 3])
def test_each_call_is_a_process_of_its_own(called: Called, armed: int) -> None:
    answers = called(COUNTS, Limits(seconds=20.0, armed=armed), events=[1, 2, 3, 4, 5])
    assert [answer.value[:2] for answer in answers] == [[one, 1] for one in (1, 2, 3, 4, 5)]
    assert len({answer.value[2] for answer in answers}) == 5
    assert [answer.log for answer in answers] == [b"%d\n" % one for one in (1, 2, 3, 4, 5)]


def test_an_armed_one_finds_no_scratch_of_the_call_before(called: Called) -> None:
    source = """
        def handler(event, context):
            with open("/tmp/left", "x"):
                return "new"
        """
    answers = called(source, Limits(seconds=20.0, armed=3, scratch=1 << 20), times=4)
    assert [answer.value for answer in answers] == ["new"] * 4


def test_the_time_of_a_call_begins_with_the_call(called: Called) -> None:
    source = """
        def handler(event, context):
            return context.get_remaining_time_in_millis()
        """
    answers = called(source, Limits(seconds=20.0, armed=1), times=2)
    assert all(19_000 < answer.value <= 20_000 for answer in answers)


def test_the_time_limit_holds_for_armed_ones(called: Called) -> None:
    (answer,) = called("def handler(e, c):\n    while True: pass\n", Limits(seconds=0.3, armed=1))
    assert answer.ended == "not done after 0.3 s"


def test_the_code_of_the_function_sees_nothing_of_the_rehearsal(called: Called) -> None:
    source = """
        import sys
        class Counting:
            count, inner = 0, sys.stdout
            def flush(self):
                self.count += 1
                self.inner.flush()
        sys.stdout = Counting()
        def handler(event, context):
            return sys.stdout.count
        """
    answers = called(source, Limits(seconds=20.0, armed=1), times=2)
    assert [answer.value for answer in answers] == [0, 0]


def test_what_is_rehearsed_is_a_call_that_succeeds_and_leaves_nothing() -> None:
    found = invocation._called(invocation._give_back, frames.read(invocation._rehearsed), "")
    assert json.loads(found[4:]) == {"value": {"event": {"rehearsed": [1, 2.5, None, True]}, "name": ""}}
    before = (log_lines.request, asking._exchange)
    invocation.rehearse()
    assert (log_lines.request, asking._exchange) == before
