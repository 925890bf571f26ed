"""What becomes of blocks, by tables: names, leftovers of a crash, age, size, merging."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.config.section import Duration
from gadfly.config.series import Series as Settings
from gadfly.store.series.block import DAY, HOUR, Block, Step, newest, parse, plan

DAYS = 20_000


def at(day: float, hours: float = 0) -> int:
    return int((DAYS + day) * DAY + hours * HOUR)


def raw(day: float, start: float, end: float, size: int = 1000) -> Block:
    return Block(at(day, start), at(day, end), "raw", 7, size)


def test_names() -> None:
    block = raw(0, 17, 18.5)
    assert block.name == "raw-20241004T170000-20241004T183000-7.parquet"
    assert parse(block.name, 1000) == block


@pytest.mark.parametrize(
    "name",
    [
        "raw-20241004T170000-20241004T180000-7.parquet.new",
        "raw-20241004T170000-20241004T180000.parquet",
        "raw-20241004T180000-20241004T170000-7.parquet",
        "raw-20241304T170000-20241304T180000-7.parquet",
        "cooked-20241004T170000-20241004T180000-7.parquet",
        "names.log",
    ],
)
def test_what_is_no_block(name: str) -> None:
    assert parse(name) is None


@given(st.integers(0, 10**7), st.integers(1, 10**5), st.sampled_from(["raw", "minutes", "hours"]))
def test_any_name(start: int, length: int, tier: str) -> None:
    block = Block(start * 60_000, (start + length) * 60_000, tier, start)  # type: ignore[arg-type]
    assert parse(block.name) == block


@pytest.mark.parametrize(
    ("blocks", "kept"),
    [
        ([raw(0, 1, 2), raw(0, 0, 1)], [1, 0]),
        ([raw(0, 0, 1), raw(0, 1, 2), raw(0, 0, 24)], [2]),
        ([raw(0, 0, 1), raw(0, 0, 1)._replace(tier="minutes")], [1]),
        ([raw(0, 0, 1)._replace(tier="hours"), raw(0, 0, 1)._replace(tier="minutes")], [0]),
    ],
)
def test_what_a_crash_left(blocks: list[Block], kept: list[int]) -> None:
    counts, replaced = newest(blocks)
    assert counts == [blocks[position] for position in kept]
    assert sorted(replaced) == sorted(block for n, block in enumerate(blocks) if n not in kept)


SETTINGS = Settings(
    raw=Duration(3 * 86400), minutes=Duration(10 * 86400), hours=Duration(30 * 86400), disk_mb=1
)
BIG = 400_000


@pytest.mark.parametrize(
    ("blocks", "step"),
    [
        ([], None),
        ([raw(0, 9, 10), raw(0, 10, 11)], None),
        ([raw(-1, 9, 10)], None),
        (
            [raw(-1, 9, 10), raw(-1, 11, 12), raw(0, 9, 10)],
            Step((raw(-1, 9, 10), raw(-1, 11, 12)), raw(-1, 9, 12, 0)),
        ),
        ([raw(-2, 23, 25), raw(-1, 9, 10)], None),
        ([raw(-3, 13, 14)], None),
        (
            [raw(-3, 13, 14.5), raw(-3, 15, 15.9)],
            Step((raw(-3, 13, 14.5), raw(-3, 15, 15.9)), raw(-3, 13, 15.9, 0)),
        ),
        (
            [raw(-4, 0, 24), raw(-3, 0, 24)],
            Step((raw(-4, 0, 24),), raw(-4, 0, 24, 0)._replace(tier="minutes")),
        ),
        (
            [raw(-11, 0, 24)._replace(tier="minutes")],
            Step((raw(-11, 0, 24)._replace(tier="minutes"),), raw(-11, 0, 24, 0)._replace(tier="hours")),
        ),
        ([raw(-9, 0, 24)._replace(tier="minutes")], None),
        (
            [raw(-40, 0, 24)._replace(tier="hours")],
            Step((raw(-40, 0, 24)._replace(tier="hours"),), None),
        ),
        # Too much: the oldest samples, minutes, then hours go first; never the newest samples.
        (
            [raw(-2, 0, 24, BIG), raw(-1, 0, 24, BIG), raw(0, 0, 1, BIG)],
            Step((raw(-2, 0, 24, BIG),), raw(-2, 0, 24, 0)._replace(tier="minutes")),
        ),
        (
            [raw(-2, 0, 24, BIG)._replace(tier="minutes"), raw(0, 0, 1, 2 * BIG)],
            Step(
                (raw(-2, 0, 24, BIG)._replace(tier="minutes"),),
                raw(-2, 0, 24, 0)._replace(tier="hours"),
            ),
        ),
        (
            [raw(-2, 0, 24, BIG)._replace(tier="hours"), raw(0, 0, 1, 2 * BIG)],
            Step((raw(-2, 0, 24, BIG)._replace(tier="hours"),), None),
        ),
        ([raw(0, 0, 1, 5 * BIG)], None),
    ],
)
def test_the_next_step(blocks: list[Block], step: Step | None) -> None:
    assert plan(blocks, at(0, 12), SETTINGS) == step


def test_no_merging_of_more_than_a_machine_can_sort() -> None:
    settings = Settings()
    assert plan([raw(-1, 0, 1, 60_000_000), raw(-1, 1, 2, 60_000_000)], at(0, 12), settings) is None


def test_another_tier_in_between_is_left_alone() -> None:
    between = raw(-1, 1, 2)._replace(tier="minutes")
    assert plan([raw(-1, 0, 1), between, raw(-1, 2, 3)], at(0, 12), SETTINGS) is None
