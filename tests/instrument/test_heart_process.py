"""A heart and its process: death that the kernel proves, forks, and the end of the interpreter."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from gadfly.telemetry.frame import Kind

pytestmark = pytest.mark.slow


def run(program: str, receiver: Any) -> subprocess.Popen[str]:
    program = f"import os, sys, time\nfrom gadfly import Heart\nTO = {receiver.to!r}\n{program}"
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_enquiry_to_a_dead_process_is_refused(receiver: Any, number: int) -> None:
    with run("Heart('checkout', 0.05, to=TO).start(); time.sleep(60)", receiver) as child:
        receiver.next(20)
        child.send_signal(number)
        child.wait()
    receiver.rest()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(2.0)
        asker.connect(receiver.sender)
        asker.send(b"are you there?")
        with pytest.raises(ConnectionRefusedError):
            asker.recv(100)


def test_goodbye_at_the_end_of_the_interpreter(receiver: Any) -> None:
    with run("Heart('checkout', to=TO).start(); time.sleep(0.2); sys.exit(3)", receiver) as child:
        receiver.until_kind(Kind.goodbye)
        assert child.wait() == 3


def test_a_forked_child_is_quiet_and_does_not_keep_the_socket(receiver: Any) -> None:
    program = """
heart = Heart('checkout', 0.05, to=TO).start()
while heart.beats < 3: time.sleep(0.01)
if os.fork() == 0:
    assert not heart.running
    heart.progress(); heart.say('warn'); heart.stop()
    time.sleep(60)
time.sleep(60)
"""
    with run(program, receiver) as child:
        receiver.next(20)
        time.sleep(0.6)
        frames = receiver.rest()
        assert len({frame.incarnation for frame in frames}) == 1
        assert all(frame.kind is not Kind.goodbye for frame in frames)
        children = subprocess.run(
            ["pgrep", "-P", str(child.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        child.kill()
        child.wait()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(2.0)
            asker.connect(receiver.sender)
            asker.send(b"are you there?")
            with pytest.raises(ConnectionRefusedError):
                asker.recv(100)
        subprocess.run(["kill", "-9", *children], check=True)


def test_a_child_that_starts_is_a_new_incarnation(receiver: Any) -> None:
    program = """
heart = Heart('checkout', 0.05, to=TO).start()
if os.fork() == 0:
    heart.start(); time.sleep(0.5); heart.stop(); os._exit(0)
os.wait(); os._exit(0)
"""
    with run(program, receiver) as child:
        child.wait()
    assert len({frame.incarnation for frame in receiver.rest()}) == 2
