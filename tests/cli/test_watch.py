"""The terminal picture, driven by textual's pilot against a node's answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

textual = pytest.importorskip("textual")

from textual.widgets import DataTable, Input, Static  # noqa: E402

from gadfly.cli.node import Node  # noqa: E402
from gadfly.cli.watch.app import Watch  # noqa: E402
from gadfly.cli.watch.dialogs import Form, StoryScreen  # noqa: E402
from gadfly.cli.watch.glance import next_filter  # noqa: E402

ROWS = (
    {"name": "checkout", "verdict": "down", "owner": "shop", "reason": "its port refused the enquiry"},
    {"name": "search", "verdict": "degraded", "owner": "shop", "reason": "slow [bold]x[/bold]"},
)


@pytest.fixture
def app(node):
    node.has(down=1, degraded=1, healthy=40)
    node.shows(*ROWS)
    node.gives("story", {**ROWS[0], "slot": 0, "kind": "service", "flips": [], "because": "Nobody can pay."})
    node.gives("alerts", {"alerts": [{"id": "7", "component": "checkout"}]})
    node.gives("alerts/7/ack", {"id": "7", "who": "local"}, method="POST")
    node.gives("silences", {"id": "s"}, method="POST", status=201)
    node.gives("probe/checkout", {"component": "checkout", "probes": 2}, method="POST", status=202)
    return Watch(Node(node.url))


async def until(true: Callable[[], object], seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true"
        await asyncio.sleep(0.02)


def shown(app: Watch) -> list[list[str]]:
    table = app.query_one(DataTable)
    return [[str(cell) for cell in table.get_row_at(n)] for n in range(table.row_count)]


def text(app: Watch, id: str) -> str:
    return str(app.query_one(id, Static).render())


async def test_counts_and_what_is_not_well(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.pause()
        assert shown(app)[0][:3] == ["down", "checkout", "shop"]
        assert shown(app)[1][4] == "slow [bold]x[/bold]"
        assert "north  1 down  1 degraded  40 healthy" in text(app, "#counts")
        assert "not well: 2" in text(app, "#state")
        await until(lambda: "live" in text(app, "#state"))


async def test_a_change_told_by_the_stream_is_read(app, node):
    node.stream = []
    async with app.run_test(size=(80, 24)):
        await until(lambda: len(shown(app)) == 2)
        node.shows(ROWS[1])
        app._changed()
        await until(lambda: len(shown(app)) == 1)


async def test_a_tick_while_the_screen_is_taken_down_is_no_error(app):
    async with app.run_test(size=(80, 24)):
        await until(lambda: len(shown(app)) == 2)
        await app.query_one(DataTable).remove()
        app._tick()


async def test_a_node_that_goes_is_said(node):
    node.gives("summary", {"detail": "stopping"}, status=503)
    app = Watch(Node(node.url))
    async with app.run_test(size=(80, 24)):
        await until(lambda: "not live: stopping" in text(app, "#state") or "live" in text(app, "#state"))


async def test_filter_goes_round(app, node):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.press("f")
        await until(lambda: any("components?limit" in path for _, path, _, _ in node.asked))
        await until(lambda: text(app, "#state").startswith("all"))


async def test_search_is_sent_to_the_node(app, node):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.press("slash", *"che")
        await until(lambda: any("q=che" in path for _, path, _, _ in node.asked))
        await pilot.press("escape")
        assert app.query_one("#search", Input).value == ""


async def test_enter_opens_the_story_and_escape_closes_it(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, StoryScreen))
        await pilot.pause()
        assert "Nobody can pay." in str(app.screen.query_one("#story", Static).render())
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, StoryScreen))


async def test_ack_asks_for_a_note_and_sends_it(app, node):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.press("a")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press(*"mine", "enter")
        await until(lambda: ("POST", "alerts/7/ack", {"note": "mine"}, "") in node.asked)


async def test_silence_needs_a_reason(app, node):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press("enter", *"disk", "enter")
        wanted = {"match": {"component": "checkout"}, "reason": "disk", "lasts": 7200.0}
        await until(lambda: ("POST", "silences", wanted, "") in node.asked)
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press("enter", "enter")
        await until(lambda: any("must say why" in note.message for note in app._notifications))


async def test_probe_asks_now(app, node):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(shown(app)) == 2)
        await pilot.press("p")
        await until(lambda: any(path == "probe/checkout" for _, path, _, _ in node.asked))


def test_the_order_of_filters():
    found = {"down": 1, "healthy": 3, "gray": 0}
    seen = ["not well"]
    for _ in range(4):
        seen.append(next_filter(seen[-1], found))
    assert seen == ["not well", "all", "down", "healthy", "not well"]
    assert next_filter("zombie", found) == "not well"
