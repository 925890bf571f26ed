"""A store elsewhere that hangs takes neither all places of queries nor more time than a query has."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from gadfly.config.remote import Remote
from gadfly.config.section import Duration
from gadfly.errors import QueryError, StoreError
from gadfly.outgrown import patience
from gadfly.outgrown.client import Client
from gadfly.outgrown.patience import Patience
from gadfly.outgrown.reading import Reading
from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher

UP = [Matcher("__name__", "=", "up")]


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_two_wait_for_long_and_no_third() -> None:
    clock = Clock()
    made = Patience("metrics:9090", clock)
    first, second, third = made.begin(), made.begin(), made.begin()
    clock.at = 9.9
    for one in (first, second, third):
        made.on(one)
    clock.at = 10
    made.on(first)
    made.on(second)
    with pytest.raises(StoreError, match="metrics:9090 does not answer"):
        made.on(third)
    made.end(third)
    with pytest.raises(StoreError, match="others wait"):
        made.begin()
    made.end(first)
    made.on(second)
    made.begin()


def test_an_answer_to_any_is_a_sign_of_life() -> None:
    clock = Clock()
    made = Patience("metrics", clock)
    waiting = [made.begin() for _ in range(3)]
    clock.at = 9
    made.answered()
    clock.at = 18
    for one in waiting:
        made.on(one)
    made.begin()


def test_after_a_timeout_one_tries_at_a_time() -> None:
    made = Patience("metrics", Clock())
    made.hangs()
    first = made.begin()
    with pytest.raises(StoreError, match="does not answer"):
        made.begin()
    made.end(first)
    made.begin()
    made.answered()
    made.begin()


class Hanging:
    """Takes connections and says what it is told to, and then nothing."""

    def __init__(self, says: bytes, *, trickles: bool = False) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._says = says
        self._trickles = trickles
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            line.sendall(self._says)
            self._lines.append(line)
            if self._trickles:
                threading.Thread(target=self._trickle, args=(line,), daemon=True).start()

    def _trickle(self, line: socket.socket) -> None:
        """A byte now and then, without end."""
        with contextlib.suppress(OSError):
            while True:
                line.sendall(b"0")
                time.sleep(0.01)

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for line in self._lines:
            line.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(params=[b"", HEAD, HEAD + b"x"], ids=["silent", "head_only", "stops_within"])
def hanging(request: pytest.FixtureRequest) -> Iterator[Hanging]:
    made = Hanging(request.param)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["prometheus", "victoriametrics", "thanos"])
def test_a_query_ends_in_time(hanging: Hanging, kind: str) -> None:
    reading = Reading(Remote(read=f"http://127.0.0.1:{hanging.port}", kind=kind))  # type: ignore[arg-type]
    with pytest.raises(QueryError, match=r"127.0.0.1:\d+ did not answer within 0.1 s") as found:
        reading.select(UP, 0, 1000, Limits(seconds=0.1))
    assert found.value.kind == "timeout"
    reading.close()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", HEAD, CHUNKED], ids=["head", "body", "chunks"])
def test_a_query_ends_in_time_where_the_answer_trickles(head: bytes) -> None:
    trickling = Hanging(head, trickles=True)
    settings = Remote(read=f"http://127.0.0.1:{trickling.port}", timeout=Duration(0.3))
    client = Client(settings.read, settings)
    with pytest.raises(QueryError, match=r"did not answer within 0.3 s"):
        client.query("GET", "/", b"", {}, 30)
    with pytest.raises(StoreError, match="does not answer"):
        client.ask("GET", "/", b"", {})
    trickling.close()
    client.close()


def test_the_time_of_remote_counts_where_it_is_less(hanging: Hanging) -> None:
    settings = Remote(read=f"http://127.0.0.1:{hanging.port}", timeout=Duration(0.1))
    reading = Reading(settings)
    with pytest.raises(QueryError, match=r"within 0.1 s"):
        reading.select(UP, 0, 1000, Limits())
    with pytest.raises(QueryError, match=r"within 0.1 s"):
        reading.label_names([], None, None)
    reading.close()


def test_the_third_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LONG", 0.0)
    hanging = Hanging(b"")
    reading = Reading(Remote(read=f"http://127.0.0.1:{hanging.port}"))
    told: list[Exception] = []

    def ask() -> None:
        try:
            reading.select(UP, 0, 1000, Limits(seconds=30))
        except (QueryError, StoreError) as error:
            told.append(error)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + 30
    while not told and time.monotonic() < ends:
        time.sleep(0.01)
    assert [type(one) for one in told] == [StoreError]
    assert sum(thread.is_alive() for thread in threads) == 2
    hanging.close()
    for thread in threads:
        thread.join(30)
    assert [type(one) for one in told] == [StoreError] * 3
    reading.close()
