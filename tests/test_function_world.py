"""What the node does for a function: nothing that changes something elsewhere without its entry before it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.functions import Functions
from gadfly.errors import ConfigError, GadflyError, LedgerError, QueryError, Refused
from gadfly.function_world import NodeWorld
from gadfly.functions.function import Function
from gadfly.functions.invoke import Done
from gadfly.functions.world import Request
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.ledger.sentence import sentence
from gadfly.store.sqlite import Database

FUNCTION = Function(name="f", path="/f.py", module="f", handler="h", owner="ops", purpose="p")


class Ledger:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.halted = False

    def append(self, _connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        if self.halted:
            raise LedgerError("The ledger is halted.")
        self.entries += entries
        return range(len(entries))


class Place:
    """A node as far as a function asks it, and a server that it may reach."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger()
        self.heard: list[bytes] = []
        self.config = Config(functions=Functions(secrets={"named": f"file:{folder / 'secret'}"}))
        (folder / "secret").write_text("from the file\n")
        self.store = Database(folder / "gadfly.db")
        self.node: Any = SimpleNamespace(
            config=self.config,
            clock=VirtualClock(),
            db=self.store,
            recorder=SimpleNamespace(journal=Journal(self.ledger)),
            series=SimpleNamespace(source=None, trouble="they are still being opened"),
        )
        self.world = NodeWorld(self.node, FUNCTION, 7, self.called)

    async def called(self, by: str, name: str, value: Any, depth: int) -> Done:
        outcome = "failed" if name == "bad" else "ok"
        return Done(invocation=9, outcome=outcome, value=[by, name, value, depth], words="ValueError: no")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # What the ledger has when the request arrives: the entry must be before it.
        self.heard.append(await reader.readuntil(b"\r\n") + b"%d" % len(self.ledger.entries))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    found = Place(tmp_path)
    yield found
    found.store.close()


@pytest.fixture
async def port(place: Place) -> AsyncIterator[int]:
    server = await asyncio.start_server(place.serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def request(method: str, port: int) -> Request:
    return Request(method, "http", "127.0.0.1", port, "/path?secret=hunter2", {}, b"", 10.0, 1000)


async def test_what_changes_something_is_in_the_ledger_before(place: Place, port: int) -> None:
    assert (await place.world.http(request("GET", port))).body == b"ok"
    assert (await place.world.http(request("DELETE", port))).body == b"ok"
    assert [line.split()[0] for line in place.heard] == [b"GET", b"DELETE"]
    assert [line[-1:] for line in place.heard] == [b"0", b"1"]
    (entry,) = place.ledger.entries
    said = f"Function f is about to ask for http:DELETE http://127.0.0.1:{port} (invocation 7)."
    assert sentence(entry) == said
    assert "hunter2" not in str(entry)


async def test_without_an_entry_nothing_is_sent(place: Place, port: int) -> None:
    place.ledger.halted = True
    with pytest.raises(LedgerError):
        await place.world.http(request("POST", port))
    assert place.heard == []


async def test_secrets_are_where_they_are_said_to_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GADFLY_SECRET_FILES_TOKEN", "from the environment")
    monkeypatch.setenv("FILES_TOKEN", "another one")
    assert place.world.secret("files-token") == b"from the environment"
    assert place.world.secret("named") == b"from the file"
    with pytest.raises(ConfigError, match="GADFLY_SECRET_OTHER_ONE"):
        place.world.secret("other.one")


async def test_another_function_answers_or_failed(place: Place) -> None:
    assert await place.world.invoke("f", "g", {"a": 1}, 2) == ["function:f", "g", {"a": 1}, 2]
    with pytest.raises(GadflyError, match=r"bad did not answer \(invocation 9\): ValueError: no"):
        await place.world.invoke("f", "bad", None, 1)


async def test_what_is_not_there_is_said(place: Place) -> None:
    with pytest.raises(QueryError, match="still being opened"):
        await place.world.metric("f", "up")
    with pytest.raises(Refused, match="no automation"):
        await place.world.act("f", "mend", {})
