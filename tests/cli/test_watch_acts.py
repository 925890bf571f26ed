"""What acts, in the terminal picture: approvals, and the stop key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

textual = pytest.importorskip("textual")

from textual.widgets import DataTable, Static  # noqa: E402
from told_acts import approval, automation, board, plan, stop  # noqa: E402

from gadfly.cli.node import Node  # noqa: E402
from gadfly.cli.watch.acts import ActsScreen  # noqa: E402
from gadfly.cli.watch.app import Watch  # noqa: E402
from gadfly.cli.watch.dialogs import Form  # noqa: E402

SECOND = approval(id="8", automation="scale-search", who="person:anna", plan=plan(count=1, hash="77aa"))


@pytest.fixture
def app(node):
    node.has(healthy=40)
    node.shows()
    node.gives("act", board(approvals=[approval(), SECOND], automations=[automation()]))
    node.gives("act/stops", stop(), method="POST", status=201)
    node.gives("act/stops/s1/resume", None, method="POST", status=204)
    for verb, state in (("approve", "approved"), ("deny", "denied")):
        node.gives(f"act/approvals/8/{verb}", {**SECOND, "state": state}, method="POST")
    return Watch(Node(node.url))


async def until(true: Callable[[], object], seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true"
        await asyncio.sleep(0.02)


def text(app: Watch, id: str) -> str:
    return str(app.screen.query_one(id, Static).render())


def posted(node) -> list[tuple[str, object]]:
    return [(path, body) for method, path, body, _ in node.asked if method == "POST"]


async def opened(app: Watch, pilot) -> None:
    await pilot.press("A")
    await until(lambda: isinstance(app.screen, ActsScreen) and app.screen.query_one(DataTable).row_count == 2)
    await pilot.pause()


async def test_what_waits_is_shown_with_its_plan(app):
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(app, pilot)
        assert "1 of 1 automations may act" in text(app, "#standing")
        assert "3 of 12 in group workers" in text(app, "#told")
        assert "may answer: payments, then platform" in text(app, "#told")
        await pilot.press("down")
        await until(lambda: "asked by person:anna" in text(app, "#told"))


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("a", ("act/approvals/8/approve", {"note": "ok", "hash": "77aa"})),
        ("d", ("act/approvals/8/deny", {"reason": "ok"})),
    ],
)
async def test_the_chosen_one_is_answered(app, node, key, sent):
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(app, pilot)
        await pilot.press("down", key)
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press(*"ok", "enter")
        await until(lambda: posted(node) == [sent])


async def test_a_refusal_is_shown_in_the_node_s_words(app, node):
    words = "person:anna asked for this and cannot answer it"
    node.gives("act/approvals/7/approve", {"detail": words}, method="POST", status=403)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(app, pilot)
        await pilot.press("a")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press("enter")
        await until(lambda: any(words in note.message for note in app._notifications))


@pytest.mark.parametrize("first", [(), ("A",)], ids=["from the picture", "from the acts"])
async def test_the_stop_key_stops_everything(app, node, first):
    async with app.run_test(size=(100, 40)) as pilot:
        for key in first:
            await pilot.press(key)
            await until(lambda: isinstance(app.screen, ActsScreen))
        await pilot.press("X")
        await until(lambda: isinstance(app.screen, Form))
        assert posted(node) == []
        await pilot.press("enter")
        await until(lambda: posted(node) == [("act/stops", {"reason": ""})])


async def test_a_stop_that_was_left_does_not_stop(app, node):
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("X")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, Form))
        assert posted(node) == []


async def test_stopped_is_what_the_node_says(app, node):
    node.gives("act", board(approvals=[approval(), SECOND], stops=[stop()], automations=[automation()]))
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(app, pilot)
        await until(lambda: "STOPPED s1: every automation, by person:anna" in text(app, "#standing"))
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press(*"mended", "enter")
        await until(lambda: posted(node) == [("act/stops/s1/resume", {"reason": "mended"})])


async def test_a_node_that_does_not_answer_is_not_shown_as_running(app, node):
    node.gives("act", {"detail": "the store is full"}, status=503)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("A")
        await until(
            lambda: isinstance(app.screen, ActsScreen) and "not known: the store" in text(app, "#standing")
        )


async def test_the_picture_says_that_it_is_stopped(app, node):
    node.has(healthy=40)
    summary = node.answers[("GET", "summary")][1]
    summary["alerts"] |= {"stops": 1, "approvals": 2}
    async with app.run_test(size=(100, 24)):
        await until(lambda: "STOPPED  2 to approve" in text(app, "#counts"))
