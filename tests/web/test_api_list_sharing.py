"""A hundred pages that show the same list cost one search, and no page keeps an old one."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.web.components import FRESH, LISTS

LIST = "/api/v1/components?limit=25"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def counted(make_node: Any, clock: VirtualClock) -> Any:
    node = make_node(400, clock=clock)
    node.searches = 0
    find = node.picture.find

    def counting(**named: Any) -> Any:
        node.searches += 1
        return find(**named)

    node.picture.find = counting
    return node


async def test_many_pages_one_search(counted: Any, asker: Any, clock: VirtualClock) -> None:
    ask = asker(counted)
    bodies = {(await ask("GET", LIST)).body for _ in range(100)}
    assert (len(bodies), counted.searches) == (1, 1)
    await ask("GET", f"{LIST}&q=auth")
    assert counted.searches == 2


async def test_a_list_is_old_for_half_a_second_at_most(counted: Any, asker: Any, clock: VirtualClock) -> None:
    ask = asker(counted)
    before = (await ask("GET", LIST)).json()
    counted.breathe(200)
    assert (await ask("GET", LIST)).json() == before
    await clock.advance(FRESH)
    assert (await ask("GET", LIST)).json()["version"] == counted.picture.version


async def test_lists_are_bounded(counted: Any, asker: Any) -> None:
    from gadfly.web import components

    ask = asker(counted)
    for n in range(LISTS + 20):
        await ask("GET", f"{LIST}&q={n}")
    assert len(components._lists[counted.picture]) == LISTS
