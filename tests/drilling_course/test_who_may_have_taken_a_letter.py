"""Whoever may have taken a drill's letter is told that it is over, so that no ticket stays open."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from gadfly.alert import outbox
from gadfly.alert.notification import Notification
from gadfly.alert.notify import SENDERS
from gadfly.alert.notify.destination import Context, Destination
from gadfly.alert.outbox import Letter as Sealed
from gadfly.ask.drill.mark import KIND, OVER
from gadfly.ask.drill.record import Drill, Letter
from gadfly.config import Config
from gadfly.drilling import result
from gadfly.drilling_course.letters import gone, settled, take_back, take_back_all, ways
from gadfly.errors import NotifyError
from gadfly.store import drills
from gadfly.store.schema import migrate

NOW = 1_790_000_000.0
TOLD = Notification(
    key="k",
    kind=KIND,
    status="firing",
    incident="i0",
    sequence=1,
    target="desk",
    at=NOW,
    opened=NOW,
    subject="[DRILL] shop is down",
    text="[DRILL]",
    cause="[DRILL]",
    items=(),
    total=1,
    url="",
    node="north",
    drill="drill1",
)
LETTER = Letter(owner="desk", to="a desk", what="firing", due=0.0, key="k")


@pytest.fixture
def post() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    outbox.put(connection, [Sealed(contact="receiver:desk", label="a desk", notification=TOLD)], NOW)
    yield connection
    connection.close()


def left(post: sqlite3.Connection) -> list[tuple[str, str]]:
    """Kinds of what still leaves, and what they say of the alerts."""
    rows = post.execute("SELECT kind, body FROM outbox WHERE state = 'pending'").fetchall()
    return [(kind, msgspec.json.decode(body)["status"]) for kind, body in rows]


@pytest.mark.parametrize(
    ("state", "attempts", "error", "kinds"),
    [
        ("pending", 0, "", []),
        ("pending", 1, "", [(OVER, "resolved")]),
        ("pending", 3, "No answer within 10 s.", [(OVER, "resolved")]),
        ("dead", 3, "No answer within 10 s.", [(OVER, "resolved")]),
        ("pending", 2, "It answered 503.", []),
        ("pending", 2, "It cannot be reached: Connection refused.", []),
        ("dead", 1, "It answered 404.", []),
        ("claimed", 1, "", []),
    ],
    ids=["untried", "unsaid", "silent", "given-up", "refused", "not-there", "wrong", "under-way"],
)
def test_what_is_taken_back(
    post: sqlite3.Connection, state: str, attempts: int, error: str, kinds: list[tuple[str, str]]
) -> None:
    post.execute("UPDATE outbox SET state = ?, attempts = ?, error = ?", (state, attempts, error))
    letter = gone(LETTER, ways(post, ["k"])["k"])
    assert letter.unknown is (bool(kinds) or state == "claimed")
    take_back(post, [LETTER], NOW + 30)
    assert left(post) == kinds
    take_back(post, [LETTER], NOW + 30)
    assert left(post) == kinds


def test_a_mailbox_has_nothing_open(post: sqlite3.Connection) -> None:
    post.execute("UPDATE outbox SET attempts = 1, error = 'No answer within 10 s.'")
    take_back(post, [msgspec.structs.replace(LETTER, mailbox=True)], NOW)
    assert left(post) == []


def test_what_was_under_way_when_the_node_was_killed(post: sqlite3.Connection) -> None:
    """The receiver took it, and that was not written down any more."""
    drill = Drill(id=1, kind="check", target="shop", owner="desk", who="local", at=NOW, letters=(LETTER,))
    assert drills.add(post, NOW) == 1
    drills.save(post, 1, "running", msgspec.json.encode(drill))
    post.execute("UPDATE outbox SET state = 'claimed', attempts = 1")
    over = settled(post, drill)
    take_back_all(post, NOW + 5)
    assert left(post) == [(OVER, "resolved")]
    ended = msgspec.structs.replace(over, state="not run")
    assert result(ended) == "whether anybody was told is not known"
    assert result(msgspec.structs.replace(drill, state="not run")) == "it could not be run"


@contextlib.asynccontextmanager
async def taking(answer: bytes) -> AsyncIterator[str]:
    """A receiver that takes what it gets, and then says so much."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                await reader.readuntil(b"\r\n\r\n")
                if not answer:
                    await reader.read()  # until the other side gives up
                writer.write(answer)
                await writer.drain()
            finally:
                writer.close()
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize(
    ("answer", "unknown"),
    [(b"", True), (b"what?\r\n\r\n", True), (b"HTTP/1.1 500 no\r\n\r\n", False)],
    ids=["nothing", "no-http", "an-error"],
)
async def test_what_a_webhook_did_not_say(post: sqlite3.Connection, answer: bytes, unknown: bool) -> None:
    async with taking(answer) as url:
        timeout = 5.0 if answer else 0.2
        place = Destination(kind="webhook", name="desk", url=url, timeout=timeout)
        await refused(post, place, unknown)


async def test_what_a_command_did_not_say(post: sqlite3.Connection) -> None:
    place = Destination(kind="command", name="desk", command=("sleep", "60"), timeout=0.1)
    await refused(post, place, True)


async def refused(post: sqlite3.Connection, place: Destination, unknown: bool) -> None:
    with pytest.raises(NotifyError) as caught:
        await SENDERS[place.kind](TOLD, place, Context(mail=Config().mail, node="n", allow_commands=True))
    post.execute("UPDATE outbox SET attempts = 1, error = ?", (str(caught.value),))
    assert ways(post, ["k"])["k"].unknown is unknown
