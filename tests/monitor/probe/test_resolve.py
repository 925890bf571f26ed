"""Names and addresses."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gadfly.monitor.probe import resolve
from gadfly.monitor.probe.resolve import Place, Resolver, literal


@pytest.fixture
async def resolver() -> AsyncIterator[Resolver]:
    resolver = Resolver()
    yield resolver
    resolver.close()


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("127.0.0.1", Place(socket.AF_INET, "127.0.0.1")),
        ("::1", Place(socket.AF_INET6, "::1")),
        ("fe80::1%lo", Place(socket.AF_INET6, "fe80::1", socket.if_nametoindex("lo"))),
        ("fe80::1%7", Place(socket.AF_INET6, "fe80::1", 7)),
        ("fe80::1%nosuch0", Place(socket.AF_INET6, "fe80::1")),
        ("localhost", None),
        ("1.2.3", None),
    ],
)
def test_literal(host: str, wanted: Place | None) -> None:
    assert literal(host) == wanted


def test_socket_addresses() -> None:
    assert Place(socket.AF_INET, "127.0.0.1").at(80) == ("127.0.0.1", 80)
    assert Place(socket.AF_INET6, "::1", 7).at(80) == ("::1", 80, 0, 7)


async def test_numbers_ask_nobody(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "MOST", 2)
    for number in range(5):
        for _ in range(2):
            assert resolver.known(f"127.0.0.{number}") == (Place(socket.AF_INET, f"127.0.0.{number}"),)
    assert await resolver.find("::1", 0.0) == (Place(socket.AF_INET6, "::1"),)
    assert resolver._threads is None


async def test_the_system_is_asked(resolver: Resolver) -> None:
    places = await resolver.find("localhost", time.monotonic() + 5)
    assert {place.host for place in places} <= {"127.0.0.1", "::1"}
    assert resolver.known("localhost") == places


async def test_one_question_for_many_who_ask_and_again_after_a_while(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(host: str) -> tuple[Place, ...]:
        asked.append(host)
        time.sleep(0.05)
        return (Place(socket.AF_INET, "192.0.2.1"),)

    monkeypatch.setattr(resolve, "_ask", answer)
    monkeypatch.setattr(resolve, "KEEP", 0.2)
    await asyncio.gather(*(resolver.find("a.test", time.monotonic() + 5) for _ in range(50)))
    await resolver.find("a.test", time.monotonic() + 5)
    assert len(asked) == 1
    await asyncio.sleep(0.25)
    await resolver.find("a.test", time.monotonic() + 5)
    assert len(asked) == 2
    monkeypatch.setattr(resolve, "MOST", 1)
    await resolver.find("b.test", time.monotonic() + 5)
    assert list(resolver._known) == ["b.test"]


async def test_a_name_that_hangs_holds_up_only_itself(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def answer(host: str) -> tuple[Place, ...]:
        if host == "hangs.test":
            go_on.wait(10)
        return (Place(socket.AF_INET, "192.0.2.1"),)

    monkeypatch.setattr(resolve, "_ask", answer)
    hanging = [asyncio.create_task(resolver.find("hangs.test", time.monotonic() + 0.3)) for _ in range(100)]
    await asyncio.sleep(0.05)
    assert await resolver.find("other.test", time.monotonic() + 1)
    results: list[Any] = await asyncio.gather(*hanging, return_exceptions=True)
    assert {type(result) for result in results} == {TimeoutError}
    go_on.set()


async def test_a_name_that_does_not_exist_is_not_kept(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*_: Any, **__: Any) -> Any:
        return []

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(socket.gaierror):
        await resolver.find("nobody.test", time.monotonic() + 5)
    assert resolver.known("nobody.test") is None
    assert not resolver._asked
