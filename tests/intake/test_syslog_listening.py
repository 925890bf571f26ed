"""Syslog as real programs send it (logger, rsyslog), by UDP and TCP, in both framings."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.logs import Logs as Settings
from gadfly.intake.logs import Logs
from gadfly.intake.syslog import Syslog, line_of
from gadfly.store.logs import Line


class Taker(Logs):
    """Takes lines as the node's own does, and keeps them in a list."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def take(self, lines: Sequence[Line]) -> int:
        self.lines += lines
        return len(lines)

    async def feed(self, lines: Sequence[Line], marks: Mapping[str, str], sender: str) -> None:
        self.lines += lines


async def until(done: object, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def free() -> int:
    """A port that nobody uses, for both protocols."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            with contextlib.suppress(OSError):
                datagrams.bind(("127.0.0.1", port))
                return port


class Listening:
    def __init__(self, **settings: object) -> None:
        self.port = free()
        self.where = f"127.0.0.1:{self.port}"
        self.taker = Taker()
        self.config = Config(
            logs=Settings(syslog_udp=(self.where,), syslog_tcp=(self.where,), **settings)  # type: ignore[arg-type]
        )
        self.part = Syslog(self.taker, SystemClock(), self.config)

    def texts(self) -> list[str]:
        return [line.text for line in self.taker.lines]

    async def is_up(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


@contextlib.asynccontextmanager
async def listening(**settings: object) -> AsyncIterator[Listening]:
    made = Listening(**settings)
    work = asyncio.ensure_future(made.part.run())
    async with asyncio.timeout(10):
        while not await made.is_up():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await until(lambda: made.part.counts()["connections"] == 0)
    try:
        yield made
    finally:
        work.cancel()
        await asyncio.wait([work])


def test_who_does_not_say_who_it_is_is_its_address() -> None:
    line = line_of(b"<11>something", "192.0.2.7", 5.0)
    assert line == Line(
        5.0, "syslog", "192.0.2.7", "", 3, "something", {"facility": "user", "peer": "192.0.2.7"}
    )


async def test_datagrams_and_streams_are_lines() -> None:
    async with listening() as at:
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            for n in range(50):
                sender.sendto(b"<13>a: datagram %d" % n, ("127.0.0.1", at.port))
        _, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(b"<13>a: one\n12 <13>b: two!\n<13>c: the end")
        await writer.drain()
        writer.close()
        await until(lambda: len(at.taker.lines) == 53)
        assert {"one", "two!", "the end", "datagram 49"} <= set(at.texts())
        assert at.part.counts()["datagrams_total"] == 50
        assert at.part.warnings() == []


async def test_connections_beyond_the_limit_are_closed_and_counted() -> None:
    async with listening(connections=1) as at:
        _, first = await asyncio.open_connection("127.0.0.1", at.port)
        await until(lambda: at.part.counts()["connections"] == 1)
        reader, second = await asyncio.open_connection("127.0.0.1", at.port)
        assert await reader.read() == b""
        assert at.part.counts()["too_many_connections_total"] == 1
        first.write(b"<13>a: still here\n")
        await until(lambda: at.texts() == ["still here"])
        first.close()
        second.close()


async def test_who_says_nothing_for_long_is_closed() -> None:
    async with listening(idle=0.1) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        assert await reader.read() == b""
        assert at.part.counts()["idle_total"] == 1
        writer.close()


async def test_lines_too_long_are_cut_and_counted() -> None:
    async with listening(line_bytes=256) as at:
        _, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(b"<13>a: " + b"x" * 100_000 + b"\n<13>b: next\n")
        await until(lambda: len(at.taker.lines) == 2)
        assert len(at.texts()[0]) < 256
        assert at.texts()[1] == "next"
        assert at.part.counts()["cut_total"] == 1
        writer.close()


async def test_an_address_in_use_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gadfly.intake.syslog.RETRY", 0.02)
    at = Listening()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", at.port))
        taken.listen()
        work = asyncio.ensure_future(at.part.run())
        await until(at.part.warnings)
        assert "TCP cannot listen" in at.part.warnings()[0]
    await until(lambda: not at.part.warnings())
    work.cancel()
    await asyncio.wait([work])


async def test_a_reload_moves_it_to_another_address() -> None:
    async with listening() as at:
        port = free()
        at.part.reconfigure(Config(logs=Settings(syslog_udp=(f"127.0.0.1:{port}",))))
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            while await at.is_up():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.sendto(b"<13>a: moved", ("127.0.0.1", port))
        await until(lambda: at.texts() == ["moved"])


async def test_what_the_kernel_dropped_stays_counted_through_a_reload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gadfly.intake.syslog.drops", lambda _: 7)
    async with listening() as at:
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.sendto(b"<13>a: one", ("127.0.0.1", at.port))
            await until(lambda: at.part.counts()["kernel_drops_total"] == 7)
            port = free()
            at.part.reconfigure(Config(logs=Settings(syslog_udp=(f"127.0.0.1:{port}",))))
            async with asyncio.timeout(10):
                while await at.is_up():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert at.part.counts()["kernel_drops_total"] == 7
            sender.sendto(b"<13>a: two", ("127.0.0.1", port))
            await until(lambda: at.part.counts()["kernel_drops_total"] == 14)
        assert "dropped 14 datagrams" in at.part.warnings()[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("-d",), ("-d", "--rfc3164"), ("-d", "--rfc5424"), ("-T",), ("-T", "--rfc3164"),
        ("-T", "--octet-count"), ("-T", "--rfc5424", "--octet-count", "--sd-id", "x@1",
         "--sd-param", 'a="b"'),
    ],
)  # fmt: skip
async def test_logger(options: Sequence[str]) -> None:
    async with listening() as at:
        program = ("logger", "-n", "127.0.0.1", "-P", str(at.port), *options)
        await asyncio.to_thread(
            subprocess.run,
            [*program, "-t", "unit", "-p", "local3.err", "--id=77", "what it says: ä"],
            check=True,
        )
        await until(lambda: at.taker.lines)
        line = at.taker.lines[0]
        assert (line.unit, line.severity, line.text) == ("unit", 3, "what it says: ä")
        assert line.host.split(".")[0] == socket.gethostname().split(".")[0]
        assert line.fields["facility"] == "local3"
        assert line.fields["pid"] == "77"
        assert line.fields.get("x@1.a", "b") == "b"


@pytest.mark.slow
@pytest.mark.parametrize(
    "forward",
    ['protocol="udp"', 'protocol="tcp"', 'protocol="tcp" TCP_Framing="octet-counted"',
     'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'],
)  # fmt: skip
async def test_rsyslog_forwards(tmp_path: Path, forward: str) -> None:
    program = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert program is not None
    lines = "".join(f"line {n} of a program\n" for n in range(200))
    (tmp_path / "in.log").write_text(lines)
    async with listening() as at:
        (tmp_path / "conf").write_text(
            f'global(workDirectory="{tmp_path}")\nmodule(load="imfile")\n'
            f'input(type="imfile" file="{tmp_path}/in.log" tag="prog:" severity="warning")\n'
            f'action(type="omfwd" target="127.0.0.1" port="{at.port}" {forward})\n'
        )
        child = await asyncio.create_subprocess_exec(
            program,
            "-n",
            "-f",
            str(tmp_path / "conf"),
            "-i",
            str(tmp_path / "pid"),
            stderr=subprocess.DEVNULL,
        )
        try:
            await until(lambda: "line 199 of a program" in at.texts())
        finally:
            child.terminate()
            await child.wait()
        found = [line for line in at.taker.lines if line.unit == "prog"]
        assert sorted(line.text for line in found) == sorted(lines.splitlines())
        assert {line.severity for line in found} == {4}
