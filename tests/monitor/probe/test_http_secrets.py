"""A header may name a secret; what it names is sent, and only to the declared origin's requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gadfly import catalogue
from gadfly.config.probe import HttpProbe
from gadfly.errors import ConfigError
from gadfly.monitor.probe.http import probe
from gadfly.monitor.probe.result import Outcome

if TYPE_CHECKING:
    from gadfly.monitor.probe.context import Context


async def test_the_secret_is_sent(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_TOKEN", "Bearer s3cret")
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        headers = {"Authorization": "env:PROBE_TOKEN"}
        result = await probe(HttpProbe(url=f"http://127.0.0.1:{port}/", headers=headers), context)
    assert result.outcome is Outcome.passing
    assert b"Authorization: Bearer s3cret\r\n" in heard[0]


async def test_a_secret_that_is_not_there_is_no_failure_of_the_target(context: Context) -> None:
    headers = {"Authorization": "env:NOT_SET_ANYWHERE"}
    result = await probe(HttpProbe(url="http://127.0.0.1:9/", headers=headers), context)
    assert result.outcome is Outcome.unknown
    assert "NOT_SET_ANYWHERE" in result.reason


def test_a_secret_written_into_the_catalogue_is_refused() -> None:
    text = '[component.a]\nprobe.http = { url = "http://a/", headers = { Authorization = "Bearer s3cret" } }'
    with pytest.raises(ConfigError, match="Authorization") as refused:
        catalogue.loads(text)
    assert "s3cret" not in str(refused.value)
