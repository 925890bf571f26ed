"""The whole way in one process: beats and probes come in, verdicts and notifications come out."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gadfly.errors import ConfigError, Refused, StoreError
from gadfly.monitor.verdict import Verdict
from gadfly.story import tell
from gadfly.telemetry.frame import Frame, Kind, component_id, encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.node.conftest import Place

    from gadfly.app import Node

    Until = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.slow

WEB = """
[component.web]
owner = "ops"
beats = "200ms"
"""


def _frame(
    name: str, kind: Kind, sequence: int, incarnation: int = 1_800_000_000 * 10**9, payload: bytes = b""
) -> bytes:
    payload = payload or (b'{"name": "%s"}' % name.encode() if kind is Kind.announce else b"")
    return encode(
        Frame(
            kind=kind,
            component=component_id(name),
            incarnation=incarnation,
            sequence=sequence,
            sent=incarnation,
            interval_ms=200,
            status=0,
            key_id=0,
            payload=payload,
        ),
        None,
    )


def _verdict(node: Node, name: str) -> str:
    slot = node.components.slot(name)
    return "" if slot is None else Verdict(int(node.components.verdicts[slot])).name


@contextmanager
def _beating(node: Node, name: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable,
        "-m",
        "gadfly",
        "beat",
        name,
        "--every",
        "200ms",
        "--to",
        node.hearing.udp,
        *more,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()


async def test_a_killed_process_is_told_and_its_return_too(place: Place, until: Until) -> None:
    place.write(WEB)
    async with place.node() as node:
        with _beating(node, "web") as process:
            await until(lambda: _verdict(node, "web") == "healthy")
            process.kill()
        await until(lambda: len(place.notifications()) == 1)
        assert _verdict(node, "web") == "down"
        with _beating(node, "web") as process:
            await until(lambda: len(place.notifications()) == 2)
            process.terminate()
            process.wait()
        await until(lambda: _verdict(node, "web") == "left")
    first, second = place.notifications()
    assert (first["status"], second["status"]) == ("firing", "resolved")
    assert "its process ended" in first["title"]


async def test_a_stopped_process_is_down_and_told(place: Place, until: Until) -> None:
    place.write(WEB)
    async with place.node() as node:
        with _beating(node, "web") as process:
            await until(lambda: _verdict(node, "web") == "healthy")
            process.send_signal(signal.SIGSTOP)
            await until(lambda: place.notifications())
            assert "every 200ms is expected" in place.notifications()[0]["title"]
            process.send_signal(signal.SIGCONT)
            await until(lambda: _verdict(node, "web") == "healthy")
            process.kill()


async def test_the_host_itself_beats(node: Node, until: Until) -> None:
    await until(lambda: _verdict(node, socket.gethostname()) == "healthy")


async def test_a_beat_over_http_is_heard(node: Node, until: Until) -> None:
    def post(kind: Kind, sequence: int) -> int:
        request = urllib.request.Request(
            node.server.url + "api/v1/beat",
            data=_frame("far", kind, sequence),
            headers={
                "Authorization": f"Bearer {node.access.local}",
                "Content-Type": "application/octet-stream",
            },
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)

    assert await asyncio.to_thread(post, Kind.announce, 1) in (200, 202, 204)
    await until(lambda: _verdict(node, "far") == "undeclared")


async def test_an_ear_that_dies_is_replaced_and_nobody_is_lost(node: Node, until: Until) -> None:
    with _beating(node, "web") as process:
        await until(lambda: _verdict(node, "web") == "undeclared")
        before = node.hearing.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        await until(lambda: node.hearing.pid != before)
        slot = node.components.slot("web")
        assert slot is not None
        heard = int(node.members.beats[slot])
        await until(lambda: int(node.members.beats[slot]) > heard + 2)
        assert _verdict(node, "web") == "undeclared"
        process.kill()


async def test_a_restarted_node_misses_who_died_meanwhile(place: Place, until: Until) -> None:
    place.write(WEB)
    async with place.node() as node:
        with _beating(node, "web") as process:
            await until(lambda: _verdict(node, "web") == "healthy")
            await node.memory.flush()
            await node.stop()
            process.kill()
    async with place.node() as node:
        await until(lambda: _verdict(node, "web") == "down")
        await until(lambda: place.notifications())


async def test_a_probe_that_fails_while_beats_arrive_is_gray(place: Place, until: Until) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    place.write(WEB + f'probe.tcp = {{ address = "127.0.0.1:{port}", every = "1s", retries = 0 }}')
    async with place.node() as node:
        with _beating(node, "web") as process:
            await until(lambda: _verdict(node, "web") == "gray")
            story = await tell(node, "web")
            assert story is not None
            assert story["reason"].startswith("beats arrive, but")
            assert story["probes"][0]["outcome"] == "fail"
            assert story["beats"]["liveness"] == "alive"
            assert [owner["name"] for owner in story["owners"]] == ["ops"]
            process.kill()


async def test_declared_and_never_heard_is_missing(place: Place, until: Until) -> None:
    place.write(WEB)
    async with place.node() as node:
        await until(lambda: _verdict(node, "web") == "missing", seconds=15)


async def test_who_is_gone_for_good_is_forgotten(place: Place, until: Until) -> None:
    place.write(WEB)
    async with place.node() as node:
        with _beating(node, "old") as process:
            await until(lambda: _verdict(node, "old") == "undeclared")
            with pytest.raises(Refused, match="still beats"):
                await node.forget("old")
            process.kill()
        await until(lambda: _verdict(node, "old") == "down")
        await until(lambda: node.engine.counts()["firing"] == 1)
        await node.forget("old")
        assert _verdict(node, "old") == ""
        assert node.engine.counts()["firing"] == 0
        with pytest.raises(Refused, match="heard"):
            await node.forget("old")
        with pytest.raises(Refused, match="is declared"):
            await node.forget("web")
        with _beating(node, "old"):
            await until(lambda: _verdict(node, "old") == "undeclared")


async def test_a_reload_is_taken_whole_or_not_at_all(place: Place, until: Until) -> None:
    async with place.node() as node:
        place.write(WEB)
        assert any("web" in line for line in await node.reload())
        assert _verdict(node, "web") == "unknown"
        place.write(WEB + "colour = 'red'")
        with pytest.raises(ConfigError, match="colour"):
            await node.reload()
        assert "web" in node.config.component
        place.write("")
        await node.reload()
        assert "web" not in node.config.component


async def test_what_cannot_change_while_it_runs_is_refused(place: Place) -> None:
    async with place.node() as node:
        text = place.toml.read_text()
        place.toml.write_text(text.replace(f"127.0.0.1:{place.tcp}", "127.0.0.1:1"))
        with pytest.raises(ConfigError, match=r"node\.listen cannot change"):
            await node.reload()


async def test_the_metrics_tell_of_the_node_itself(node: Node, until: Until) -> None:
    def read() -> str:
        with urllib.request.urlopen(node.server.url + "metrics", timeout=5) as answer:
            return str(answer.read().decode())

    text = await asyncio.to_thread(read)
    assert 'gadfly_components{verdict="healthy"}' in text
    assert 'gadfly_ear_dropped_total{reason="mac"} 0' in text
    assert 'process_resident_memory_bytes{part="ear"}' in text


async def test_an_alert_of_somebody_undeclared_outlives_a_restart_and_is_told_once(
    place: Place, until: Until
) -> None:
    async with place.node() as node:
        with _beating(node, "stray", "--owner", "ops") as process:
            await until(lambda: _verdict(node, "stray") == "undeclared")
            process.kill()
        await until(lambda: len(place.notifications()) == 1)
    async with place.node() as node:
        await until(lambda: _verdict(node, "stray") == "down")
        assert node.engine.counts()["firing"] == 1
        with _beating(node, "stray", "--owner", "ops"):
            await until(lambda: len(place.notifications()) == 2)
    assert [one["status"] for one in place.notifications()] == ["firing", "resolved"]


async def test_a_reload_that_the_disk_refuses_changes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.node() as node:
        before = node.config

        async def refuse(*args: object) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr(node.engine, "reconfigure", refuse)
        place.write(WEB)
        with pytest.raises(StoreError):
            await node.reload()
        assert node.config is before
        assert _verdict(node, "web") == ""


async def test_who_was_declared_and_never_heard_goes_with_the_catalogue(place: Place, until: Until) -> None:
    place.write(WEB)
    async with place.node() as node:
        await until(lambda: node.engine.counts()["firing"] == 1, seconds=15)
        place.write("")
        await node.reload()
        assert _verdict(node, "web") == ""
        assert node.engine.counts()["firing"] == 0


async def test_a_job_that_ran_is_not_missed_by_a_restarted_node(place: Place, until: Until) -> None:
    place.write("")
    run = [sys.executable, "-m", "gadfly", "exec", "backup", "--every", "1h", "--to"]
    async with place.node() as node:
        await asyncio.to_thread(subprocess.run, [*run, node.hearing.udp, "--", "true"], check=True)
        await until(lambda: _verdict(node, "backup") == "undeclared")
    async with place.node() as node:
        await until(lambda: _verdict(node, "backup") == "undeclared")
        await asyncio.sleep(0)
        assert node.engine.counts()["firing"] == 0


async def test_one_frame_with_a_nonsensical_job_harms_nobody(node: Node, until: Until) -> None:
    job = b'{"name":"j","kind":"job","job":{"schedule":"0 2 * * * ../../etc/passwd","seconds":1e13}}'
    node.hearing.inject(_frame("j", Kind.announce, 1, payload=job), ("127.0.0.1", 1))
    typo = b'{"name":"k","kind":"job","job":{"schedule":"0 2 * * * Europe/Berln","state":"finished"}}'
    node.hearing.inject(_frame("k", Kind.announce, 1, payload=typo), ("127.0.0.1", 1))
    await until(lambda: _verdict(node, "k") == "degraded")


async def test_the_hosts_own_heart_follows_a_reload(place: Place, until: Until) -> None:
    async with place.node() as node:
        await until(lambda: _verdict(node, socket.gethostname()) == "healthy")
        text = place.toml.read_text()
        place.toml.write_text(text.replace("[node]", "[node]\nwatch_host = false"))
        await node.reload()
        assert node._heart is None
        place.toml.write_text(text)
        await node.reload()
        assert node._heart is not None
        await until(lambda: _verdict(node, socket.gethostname()) == "healthy")


async def test_what_the_series_are_kept_by_stays_until_a_restart(place: Place) -> None:
    async with place.node() as node:
        place.write("[series]\nown = 10\n")
        with pytest.raises(ConfigError, match="own cannot change while the node runs; restart it"):
            await node.reload()
        assert node.config.series.own == 50_000
