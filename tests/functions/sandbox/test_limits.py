"""Time, memory, processes, files and output of one call are bounded, and nothing is left for the next."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from test_escapes import called

from gadfly.functions.sandbox.supervisor import Limits

pytestmark = [pytest.mark.slow]


def test_no_state_survives_a_call(tmp_path: Path) -> None:
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
    answers = called(source, tmp_path, Limits(seconds=2.0, scratch=1 << 20), times=3)
    assert [answer.value for answer in answers] == [[1, True]] * 3


def test_time_is_over_when_it_is_over(tmp_path: Path) -> None:
    begun = time.monotonic()
    (answer,) = called("def handler(event, context):\n    while True: pass\n", tmp_path, Limits(seconds=0.5))
    assert answer.ended == "not done after 0.5 s"
    assert time.monotonic() - begun < 5.0


def test_a_crowd_of_threads_is_no_crowd(tmp_path: Path) -> None:
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
    (answer,) = called(source, tmp_path, Limits(seconds=5.0, processes=16))
    assert 0 < answer.value <= 16


def test_output_beyond_its_limit_is_counted(tmp_path: Path) -> None:
    (answer,) = called("def handler(event, context):\n    print('x' * 1_000_000)\n", tmp_path)
    assert len(answer.log) == 256 << 10
    assert len(answer.log) + answer.unsaid == 1_000_001


def test_what_it_said_before_it_was_ended_is_there(tmp_path: Path) -> None:
    source = """
        def handler(event, context):
            print("here")
            while True: pass
        """
    (answer,) = called(source, tmp_path, Limits(seconds=0.5))
    assert answer.log == b"here\n"


def test_memory_that_is_not_there_is_an_error_of_the_handler(tmp_path: Path) -> None:
    (answer,) = called("def handler(event, context):\n    return len(bytearray(1 << 30))\n", tmp_path)
    assert answer.error is not None
    assert answer.error["errorType"] == "MemoryError"


def test_an_answer_that_is_too_large_is_refused(tmp_path: Path) -> None:
    source = "def handler(event, context):\n    return 'x' * 2_000_000\n"
    (answer,) = called(source, tmp_path, Limits(seconds=5.0, answer=1_000_000))
    assert "taken" in answer.ended


def test_one_that_ends_itself_harms_nobody(tmp_path: Path) -> None:
    source = """
        import os
        def handler(event, context):
            os._exit(3)
        """
    answers = called(source, tmp_path, times=2)
    assert all("without an answer" in answer.ended for answer in answers)
