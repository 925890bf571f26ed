"""Scaling: an absolute number within bounds, counted from the picture; at a bound nothing is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gadfly.act.action import scale
from gadfly.act.action.effect import Edge, State

Make = Callable[..., Edge]


@pytest.mark.parametrize(
    ("form", "now", "size"),
    [
        ("up 1 2..10", 4, 5),
        ("down 1 2..10", 4, 3),
        ("up 3 2..10", 9, 10),
        ("down 5 2..10", 4, 2),
        ("up 1 2..10", 1, 2),
    ],
)
def test_the_new_number(form: str, now: int, size: int) -> None:
    assert scale.parse(f"{form} /bin/scale {{count}}").size(now) == size


@pytest.mark.parametrize(
    ("form", "now", "said"),
    [
        ("up 1 2..10", 10, "nothing to do"),
        ("up 1 2..10", 12, "nothing to do"),
        ("down 1 2..10", 2, "nothing to do"),
        ("down 1 2..10", 1, "nothing to do"),
        ("up 1 2..10", 0, "no members"),
    ],
)
def test_where_nothing_is_run(form: str, now: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scale.parse(f"{form} /bin/scale {{count}}").size(now)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a step"),
        ("+1 2..10 /bin/x {count}", "a step"),
        ("up 0 2..10 /bin/x {count}", "not 0"),
        ("up 1 5..5 /bin/x {count}", "smaller to a larger"),
        ("up 1 0..999999 /bin/x {count}", "smaller to a larger"),
        ("up 1 2..10 /bin/x {group}", "write {count}"),
        ("up 1 2..10 x {count}", "full path"),
    ],
)
def test_what_does_not_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scale.check(text)


async def test_the_program_gets_the_number(values: dict[str, str], edge: Make, tmp_path: Path) -> None:
    file = tmp_path / "said"
    text = f"up 1 2..10 /bin/sh -c 'echo $0 $1 >{file}' {{group}} {{count}}"
    at = edge(count={"workers": 3}.__getitem__)
    assert scale.describe(text, values, at).startswith("from 3 to 4: run /bin/sh -c")
    assert (await scale.do(text, values, at)).ok
    assert file.read_text() == "workers 4\n"


async def test_without_a_count_nothing_is_run(values: dict[str, str], edge: Make) -> None:
    text = "up 1 2..10 /bin/false {count}"
    for at, said in (
        (edge(), "sees no picture"),
        (edge(count=lambda group: 0), "no members"),
        (edge(count=lambda group: 10), "nothing to do"),
    ):
        effect = await scale.do(text, values, at)
        assert effect.state is State.unstarted
        assert said in effect.words
    effect = await scale.do(text, {**values, "group": ""}, edge(count=lambda group: 3))
    assert "in no group" in effect.words
