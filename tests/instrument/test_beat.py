"""`gadfly beat`: for what cannot beat itself."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import Any

import pytest

from gadfly.telemetry.frame import Kind, card

pytestmark = pytest.mark.slow


def command(receiver: Any, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "gadfly", "beat", "printer", "--to", receiver.to, *arguments]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_until_stopped(receiver: Any, number: signal.Signals) -> None:
    arguments = [
        "--every",
        "50ms",
        "--kind",
        "device",
        "--owner",
        "office",
        "--label",
        "floor=2",
        "--need",
        "power",
        "--host",
        "node7",
    ]
    with subprocess.Popen(command(receiver, *arguments), stdout=subprocess.PIPE, text=True) as run:
        told = card(receiver.next(20))
        assert (told["name"], told["kind"], told["owner"]) == ("printer", "device", "office")
        assert told["host"] == "node7"
        assert (told["labels"], told["needs"], told["pid"]) == ({"floor": "2"}, ["power"], run.pid)
        assert receiver.next().kind is Kind.beat
        run.send_signal(number)
        out, _ = run.communicate()
        assert run.returncode == 0
        line = f"beating as printer every 50ms to {receiver.to}; Ctrl-C says goodbye"
        assert out.splitlines() == [line, "said goodbye"]
    assert receiver.until_kind(Kind.goodbye).status == 4


def test_once(receiver: Any) -> None:
    arguments = ["--once", "--every", "1h", "--status", "warn", "--reason", "toner is low"]
    assert subprocess.run(command(receiver, *arguments), check=False).returncode == 0
    (frame,) = receiver.rest()
    told = card(frame)
    assert (frame.kind, frame.status, frame.interval_ms) == (Kind.announce, 1, 3_600_000)
    assert told["reason"] == "toner is low"
    assert told["host"] == socket.gethostname()
    assert "pid" not in told, "the process that beat once is not what lives"


def test_once_that_cannot_leave() -> None:
    arguments = [sys.executable, "-m", "gadfly", "beat", "x", "--once", "--to", "http://127.0.0.1:9"]
    run = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert run.returncode == 3
    assert "could not be sent" in run.stderr


def test_wrong_arguments() -> None:
    arguments = [sys.executable, "-m", "gadfly", "beat", "x", "--to", "a:b"]
    run = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (2, "gadfly beat: a:b: b is not a port\n")


def test_trouble_is_told() -> None:
    arguments = [
        sys.executable,
        "-m",
        "gadfly",
        "beat",
        "x",
        "--every",
        "100ms",
        "--to",
        "http://127.0.0.1:9",
    ]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        assert "refused" in run.stderr.readline()
        run.terminate()
        run.communicate()
        assert run.returncode == 0
