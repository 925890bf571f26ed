"""One wrong moment of the clock does not close the gate for good; what goes on from there is believed."""

from __future__ import annotations

import sqlite3

import msgspec
import pytest

from gadfly.act.clock import latest
from gadfly.act.clock.jump import BELIEVED, Jumps
from gadfly.act.proof.sound import sound
from gadfly.clock import VirtualClock

NOW = 1_800_000_000.0
YEAR = 365 * 86_400.0


async def test_a_jump_is_believed_after_a_while() -> None:
    clock = VirtualClock()
    jumps = Jumps(clock)
    assert not jumps.steady()
    await clock.advance(BELIEVED)
    assert jumps.steady()
    clock.set_wall(clock.wall() + 30)
    assert jumps.steady()  # set by a little
    clock.set_wall(clock.wall() - YEAR)
    assert jumps.steady()  # a clock that was set back is the guard's to judge
    clock.set_wall(clock.wall() + YEAR)
    assert not jumps.steady()
    await clock.advance(BELIEVED - 1)
    assert not jumps.steady()
    await clock.advance(1)
    assert jumps.steady()


@pytest.mark.parametrize(
    ("steady", "ahead", "witness", "moved"),
    [
        (True, YEAR, 0.0, YEAR),
        (False, YEAR, 0.0, 0.0),
        (False, 60.0, 0.0, 60.0),
        (False, YEAR, NOW + 300.0, 300.0),
    ],
)
def test_what_moves_the_latest_time(
    connection: sqlite3.Connection, steady: bool, ahead: float, witness: float, moved: float
) -> None:
    connection.execute("UPDATE latest SET at = ?", (NOW,))
    _, seen = sound(NOW)
    seen = msgspec.structs.replace(seen, now=NOW + ahead, trusted=NOW + ahead, witness=witness, steady=steady)
    latest.move(connection, seen)
    assert latest.latest(connection) == NOW + moved
