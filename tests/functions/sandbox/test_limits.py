"""Time, memory, processes, files and output of one call are bounded, and nothing is left for the next."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gadfly.functions.sandbox.supervisor import Answer, Limits

pytestmark = [pytest.mark.slow]
Called = Callable[..., list[Answer]]


def test_no_state_survives_a_call(called: Called) -> None:
    source = """
        import os
        seen = []
        def handler(event, context):
            seen.append(1)
            try:
                with open("/tmp/left", "x"):
                    new = True
            except FileExistsError:
                new = False
            return [len(seen), new]
        """
    answers = called(source, Limits(seconds=20.0, scratch=1 << 20), times=3)
    assert [answer.value for answer in answers] == [[1, True]] * 3


def test_time_is_over_when_it_is_over(called: Called) -> None:
    begun = time.monotonic()
    (answer,) = called("def handler(event, context):\n    while True: pass\n", Limits(seconds=0.5))
    assert answer.ended == "not done after 0.5 s"
    assert time.monotonic() - begun < 30.0


def test_a_crowd_of_threads_is_no_crowd(called: Called) -> None:
    source = """
        import threading, time
        def handler(event, context):
            count = 0
            try:
                for _ in range(1000):
                    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
                    count += 1
            except RuntimeError:
                return count
            return -1
        """
    (answer,) = called(source, Limits(seconds=20.0, processes=16))
    assert 0 < answer.value <= 16


def test_output_beyond_its_limit_is_counted(called: Called) -> None:
    (answer,) = called("def handler(event, context):\n    print('x' * 1_000_000)\n")
    assert len(answer.log) == 256 << 10
    assert len(answer.log) + answer.unsaid == 1_000_001


def test_what_it_said_before_it_was_ended_is_there(called: Called) -> None:
    source = """
        def handler(event, context):
            print("here")
            while True: pass
        """
    (answer,) = called(source, Limits(seconds=1.5))
    assert answer.log == b"here\n"


def test_memory_that_is_not_there_is_an_error_of_the_handler(called: Called) -> None:
    (answer,) = called("def handler(event, context):\n    return len(bytearray(1 << 30))\n")
    assert answer.error is not None
    assert answer.error["errorType"] == "MemoryError"


def test_an_answer_that_is_too_large_is_refused(called: Called) -> None:
    source = "def handler(event, context):\n    return 'x' * 2_000_000\n"
    (answer,) = called(source, Limits(seconds=20.0, answer=1_000_000))
    assert "taken" in answer.ended


def test_one_that_ends_itself_harms_nobody(called: Called) -> None:
    source = """
        import os
        def handler(event, context):
            os._exit(3)
        """
    answers = called(source, times=2)
    assert all("without an answer" in answer.ended for answer in answers)


def test_processor_time_is_bounded_beside_the_clock(called: Called) -> None:
    source = "def handler(event, context):\n    while True: pass\n"
    (answer,) = called(source, Limits(seconds=60.0, cpu=1))
    assert "processor time" in answer.ended


def test_a_flood_of_output_ends_the_call(called: Called) -> None:
    source = """
        import os
        def handler(event, context):
            while True: os.write(1, bytes(65536))
        """
    (answer,) = called(source, Limits(seconds=60.0))
    assert "of output" in answer.ended
    assert len(answer.log) == 256 << 10


def test_numbers_at_random_are_not_the_same_in_every_call(called: Called) -> None:
    source = """
        import random
        def handler(event, context):
            return random.random()
        """
    assert len({answer.value for answer in called(source, times=3)}) == 3
