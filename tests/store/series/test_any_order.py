"""Whatever is done in whatever order, what was taken is what is read: against a plain dictionary."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher
from gadfly.store.series import Batch, Series, head

pytestmark = pytest.mark.long

HOUR = 3_600_000
START = 1_800_000_000_000 // HOUR * HOUR
ALL = [Matcher("__name__", "=~", ".+")]

put = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 90 * 60), st.sampled_from([0.0, 1.5, -2.0])),
    min_size=1,
    max_size=25,
)
step = put | st.sampled_from(["upkeep", "restart"])


def read(store: Series, start: int, end: int) -> dict[str, dict[int, float]]:
    chunk = store.select(ALL, start, end, Limits())
    found = {}
    for number, labels in enumerate(chunk.labels):
        part = slice(chunk.offsets[number], chunk.offsets[number + 1])
        at = chunk.at[part].tolist()
        assert at == sorted(set(at))
        found[labels["__name__"]] = dict(zip(at, chunk.value[part].tolist(), strict=True))
    return found


async def live(folder: Path, steps: list[object]) -> None:
    clock = VirtualClock(START / 1000)
    store = Series(folder, Settings(), clock)
    await store.open()
    model: dict[str, dict[int, float]] = {}
    for one in steps:
        clock.set_wall(clock.wall() + 2700)
        if one == "upkeep":
            await store.upkeep()
        elif one == "restart":
            await store.close()
            store = Series(folder, Settings(), clock)
            await store.open()
        else:
            for name, seconds, value in one:  # type: ignore[attr-defined]
                at = int(clock.wall() * 1000) - seconds * 1000
                ids, _ = store.intern([{"__name__": f"m{name}"}], "s")
                taken = await store.append(Batch(ids, np.array([at]), np.array([value])), "s")
                held = model.setdefault(f"m{name}", {})
                reasons = [refusal.reason for refusal in taken.refused]
                if held and at < max(held):
                    assert reasons in (["out_of_order"], ["too_old"])
                elif at in held:
                    assert reasons in ([] if held[at] == value else ["duplicate"], ["too_old"])
                elif reasons != ["too_old"]:
                    assert taken.samples == 1
                    held[at] = value
        now = int(clock.wall() * 1000)
        for start, end in ((0, now), (now - HOUR, now - HOUR // 3), (START, START + 3 * HOUR)):
            expected = {
                name: inside
                for name, held in model.items()
                if (inside := {at: value for at, value in held.items() if start < at <= end})
            }
            assert read(store, start, end) == expected
    await store.close()


@settings(max_examples=25, deadline=None)
@given(st.lists(step, min_size=4, max_size=14))
def test_against_a_dictionary(steps: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(head, "TAIL", 8)
        asyncio.run(live(Path(folder) / "series", steps))


async def test_readers_while_it_is_rolled_and_written(tmp_path: Path) -> None:
    """No reader ever misses a sample that was there before it began, or sees one twice."""
    clock = VirtualClock(START / 1000)
    store = Series(tmp_path / "series", Settings(), clock)
    await store.open()
    ids, _ = store.intern([{"__name__": f"m{n}"} for n in range(20)], "s")
    written = 0
    wrong: list[object] = []
    done = False

    def reader() -> None:
        while not done:
            before = written
            for name, held in read(store, 0, 2**60).items():
                if len(held) < before or list(held) != [START + n * 60_000 for n in range(len(held))]:
                    wrong.append((name, before, len(held)))

    tasks = [asyncio.create_task(asyncio.to_thread(reader)) for _ in range(2)]
    for minute in range(600):
        at = START + minute * 60_000
        clock.set_wall(at / 1000)
        await store.append(Batch(ids, np.full(20, at), np.full(20, float(minute))), "s")
        written = minute + 1
        if minute % 20 == 0:
            await store.upkeep()
    done = True
    await asyncio.gather(*tasks)
    assert len(store.standing().blocks) >= 7
    await store.close()
    assert wrong == []
