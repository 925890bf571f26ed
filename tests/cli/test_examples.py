"""The examples work as they stand."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gadfly.telemetry.frame import Kind, decode

FLEET = Path(__file__).parents[2] / "examples" / "fleet"


def test_the_catalogue_is_good(gadfly):
    assert gadfly("config", "check", str(FLEET / "gadfly.toml"))[0] == 0


@pytest.mark.slow
@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(("program", "arguments"), [("shop.py", ["0"]), ("orders.py", [])])
def test_a_program_announces_itself_and_says_goodbye(program, arguments, monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(10)
        monkeypatch.setenv("GADFLY_TO", f"127.0.0.1:{ear.getsockname()[1]}")
        process = subprocess.Popen([sys.executable, str(FLEET / program), *arguments], stderr=subprocess.PIPE)
        try:
            first = decode(ear.recv(2048), {})
            assert first.kind is Kind.announce
            process.send_signal(signal.SIGINT)
            while (last := decode(ear.recv(2048), {})).kind is not Kind.goodbye:
                assert last.component == first.component
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.communicate()
