"""Record mode: what was asked for, without what is not needed, and never more than that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gadfly.functions import grant
from gadfly.functions.function import Function
from gadfly.functions.record import ALIKE, Ran, RecordError, Sample, needed, record, together

EMPTY = Function(name="f", path="/f.py", module="f", handler="handler", owner="o", purpose="Does one thing.")


def running(asks: Callable[[Any], Mapping[str, bool]], scratch: int = 0) -> Any:
    """A run of a function that asks for these lines; True: it fails where one is denied."""

    async def run(function: Function, sample: Sample, recording: bool) -> Ran:
        if function.limits.scratch < scratch:
            return Ran("OSError: no space", {})
        asked = asks(sample.event)
        if recording:
            return Ran("", dict.fromkeys(asked, 1))
        for line, matters in asked.items():
            if matters and not any(grant.allows(one, grant.parse(line)) for one in function.grants):
                return Ran(f"Denied: {line}", {})
        return Ran("", {})

    return run


async def test_lines_are_those_that_samples_need() -> None:
    def asks(event: Any) -> Mapping[str, bool]:
        return {"metric:read up": True, f"http:GET https://h.example/{event}": True, "secret:use s": False}

    samples = [Sample("1", "a"), Sample("2", "b")]
    run = running(asks)
    found = await record(EMPTY, samples, run)
    assert found.grants == ("http:GET https://h.example/a", "http:GET https://h.example/b", "metric:read up")
    assert [note for note in found.notes if "secret:use s is left out" in note]
    assert await needed(EMPTY, found.grants, samples, run) == list(found.grants)


async def test_scratch_is_found_by_trying() -> None:
    found = await record(
        EMPTY, [Sample("1", 1)], running(lambda _: {"metric:read up": True}, scratch=5 << 20)
    )
    assert found.grants == ("metric:read up", "scratch:8MiB")


async def test_a_function_that_fails_with_everything_is_named_with_its_first_failure() -> None:
    with pytest.raises(RecordError, match="no space"):
        await record(EMPTY, [Sample("1", 1)], running(lambda _: {}, scratch=2 << 30))


async def test_samples_are_needed() -> None:
    with pytest.raises(RecordError, match="sample"):
        await record(EMPTY, [], running(lambda _: {}))


@pytest.mark.parametrize(
    ("used", "lines"),
    [
        ([f"http:PUT https://h.example/a/{n}" for n in range(ALIKE)], ["http:PUT https://h.example/a/*"]),
        (
            [f"http:PUT https://h.example/a/{n}" for n in range(ALIKE - 1)],
            [f"http:PUT https://h.example/a/{n}" for n in range(ALIKE - 1)],
        ),
        # Never a whole host.
        (
            [f"http:GET https://h.example/{n}" for n in range(ALIKE)],
            [f"http:GET https://h.example/{n}" for n in range(ALIKE)],
        ),
        (
            ["http:POST https://h.example/hooks/*", "http:POST https://h.example/hooks/a"],
            ["http:POST https://h.example/hooks/*"],
        ),
        (["metric:read b", "metric:read a"], ["metric:read a", "metric:read b"]),
    ],
    ids=["many", "few", "host", "within", "order"],
)
def test_many_addresses_of_a_folder_are_one_line(used: list[str], lines: list[str]) -> None:
    assert together(dict.fromkeys(used, 1))[0] == lines
