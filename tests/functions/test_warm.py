"""A version's cell is kept and made with the function's limits; one that takes no new calls is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.functions import warm as module
from gadfly.functions.function import Function, Limits
from gadfly.functions.warm import Warm
from gadfly.store.deployed import Version


class _Cell:
    def __init__(self, limits: Any) -> None:
        self.limits = limits
        self.closed = self.worn = False

    async def load(self) -> None:
        assert not self.closed

    def close(self) -> None:
        self.closed = True


class _Template:
    there = 0

    async def start(self) -> None:
        _Template.there += 1

    async def cell(self, code: str, handler: tuple[str, str], limits: Any) -> _Cell:
        return _Cell(limits)

    def close(self) -> None:
        _Template.there -= 1


VERSION = Version(function="f", hash="h", module="f", handler="g", files=1, bytes=1, at=0.0, who="me")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: VirtualClock) -> Warm:
    monkeypatch.setattr(_Template, "there", 0)
    monkeypatch.setattr(module, "Template", _Template)
    monkeypatch.setattr("gadfly.functions.code.verify", lambda folder: None)
    return Warm(clock, tmp_path)


def function(limits: Limits) -> Function:
    return Function(name="f", path="/f.py", module="f", handler="g", owner="o", purpose="p", limits=limits)


async def test_it_is_made_with_the_functions_limits(warm: Warm) -> None:
    limits = Limits(seconds=2.5, memory=64 << 20, scratch=1 << 20, at_once=3, processes=5, armed=2)
    async with warm.cell(function(limits), VERSION) as cell:
        made: Any = cell
    assert (made.limits.seconds, made.limits.cpu, made.limits.memory) == (2.5, 3, 64 << 20)
    assert (made.limits.scratch, made.limits.at_once) == (1 << 20, 3)
    assert (made.limits.processes, made.limits.armed) == (5, 2)


async def test_it_is_kept_until_it_takes_no_new_calls(warm: Warm) -> None:
    async with warm.cell(function(Limits()), VERSION) as first:
        pass
    async with warm.cell(function(Limits()), VERSION) as second:
        assert second is first
        first.worn = True  # type: ignore[misc]
        async with warm.cell(function(Limits()), VERSION) as third:
            assert third is not first
    # It ends by itself, after the calls that it has.
    assert not first.closed


async def test_what_cells_are_made_from_ends_after_the_last_of_them(warm: Warm, clock: VirtualClock) -> None:
    async with warm.cell(function(Limits()), VERSION):
        await clock.advance(60.0)
        assert warm.tidy(30.0) == 0
    await clock.advance(29.0)
    assert (warm.tidy(30.0), _Template.there) == (0, 1)
    await clock.advance(1.0)
    assert (warm.tidy(30.0), _Template.there) == (1, 0)
    await warm.trial(function(Limits()), VERSION)
    assert (warm.tidy(30.0), _Template.there) == (0, 1)
    await clock.advance(30.0)
    assert (warm.tidy(30.0), _Template.there) == (0, 0)
    async with warm.cell(function(Limits()), VERSION):
        assert _Template.there == 1
