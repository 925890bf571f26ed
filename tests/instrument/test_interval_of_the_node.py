"""Who asks for no interval beats as the node on this machine wishes, and follows when that changes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import Any

import pytest

from gadfly import Heart
from gadfly.instrument import beating, runfile


def node(**content: object) -> None:
    """What a running node left."""
    file = runfile.path()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"pid": os.getpid(), **content}))


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GADFLY_TO")


@pytest.mark.parametrize(
    ("wished", "every"),
    [(0.25, 0.25), (5, 5.0), (None, 1.0), ("1", 1.0), (0, 1.0), (1e9, 1.0), (math.nan, 1.0)],
)
def test_none_asked_for(wished: object, every: float) -> None:
    node(udp="127.0.0.1:9", every=wished)
    assert Heart("x").every == every


def test_what_is_asked_for_goes_before() -> None:
    node(udp="127.0.0.1:9", every=5)
    assert Heart("x", 2.0).every == 2.0


def test_another_node_is_not_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    node(udp="127.0.0.1:9", every=5)
    assert Heart("x", to="10.0.0.1").every == 1.0
    monkeypatch.setenv("GADFLY_TO", "10.0.0.1")
    assert Heart("x").every == 1.0


def test_without_a_node() -> None:
    assert Heart("x").every == 1.0


@pytest.mark.parametrize(
    "arguments",
    [("beat", "x", "--once"), ("exec", "x", "--", "true"), ("exec", "x", "--no-output", "--", "true")],
)
def test_on_the_command_line(receiver: Any, arguments: tuple[str, ...]) -> None:
    node(udp=receiver.to, every=7.5)
    assert subprocess.run([sys.executable, "-m", "gadfly", *arguments], check=False).returncode == 0
    assert receiver.next().interval_ms == 7500


def test_a_node_that_wishes_otherwise_is_followed(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beating, "LOOK_AGAIN", 0.02)
    node(udp=receiver.to, every=0.05)
    with Heart("x") as heart:
        assert receiver.next().interval_ms == 50
        node(udp=receiver.to, every=0.03)
        assert receiver.until(lambda frame: frame.interval_ms == 30)
        assert heart.every == 0.03
