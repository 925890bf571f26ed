"""systemd's journal, through `journalctl`, which knows its files: a child that follows behind a cursor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import socket
from collections.abc import Mapping, Sequence

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.intake.logs import Logs
from gadfly.intake.renewed import renewed
from gadfly.store.logs import Line

log = logging.getLogger("gadfly.logs")

SOURCE = "journald"
MARK = "journald"
LONGEST = 4 << 20
"""Bytes of an entry; journald's own limits allow more, and such an entry is passed over and counted."""
PIECE = 500
"""Entries handed over together at most."""
FIRST, LAST = 1.0, 60.0
"""Seconds until a journalctl that ended is started again: doubled each time, until one lasts a minute."""
OPTIONS = ("--output=json", "--all", "--quiet", "--no-pager")
FIELDS = {
    "_PID": "pid",
    "SYSLOG_IDENTIFIER": "identifier",
    "_TRANSPORT": "transport",
    "_UID": "uid",
    "_COMM": "command",
    "CODE_FILE": "file",
    "CODE_LINE": "line",
    "MESSAGE_ID": "message_id",
    "_BOOT_ID": "boot",
}
"""What is kept of an entry besides, and how it is called."""


def command(config: Config, cursor: str) -> list[str]:
    """How `journalctl` is called. Without a cursor it begins with the newest entry, to have a cursor."""
    logs = config.logs
    found = ["journalctl", "--follow", *OPTIONS]
    if logs.journal_folder:
        found.append(f"--directory={logs.journal_folder}")
    found += [f"--unit={unit}" for unit in logs.journal_units]
    return [*found, "--no-tail", f"--after-cursor={cursor}"] if cursor else [*found, "--lines=1"]


def line_of(entry: Mapping[str, object], host: str) -> tuple[Line, str]:
    """An entry as a line, and its cursor (empty where it has none)."""
    words = {name: _text(value) for name, value in entry.items()}
    stamp = words.get("_SOURCE_REALTIME_TIMESTAMP") or words.get("__REALTIME_TIMESTAMP", "")
    unit = words.get("_SYSTEMD_UNIT") or words.get("UNIT") or words.get("_SYSTEMD_USER_UNIT") or ""
    priority = words.get("PRIORITY", "")
    return (
        Line(
            int(stamp) / 1e6 if stamp.isascii() and stamp.isdigit() and len(stamp) < 18 else 0.0,
            SOURCE,
            words.get("_HOSTNAME") or host,
            unit.removesuffix(".service") or words.get("SYSLOG_IDENTIFIER", ""),
            int(priority) if priority in set("01234567") else 6,
            words.get("MESSAGE", ""),
            {name: words[key] for key, name in FIELDS.items() if words.get(key)},
        ),
        words.get("__CURSOR", ""),
    )


def _text(value: object) -> str:
    """What is no text comes as a list of its bytes; several values of a field as a list of them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        if value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
            return bytes(value).decode("utf-8", "replace")
        return _text(value[0]) if value else ""
    return ""


class Journald:
    """The journal of this host, or a folder of others'; a part of the intake."""

    def __init__(self, logs: Logs, clock: Clock, config: Config) -> None:
        self._logs = logs
        self._clock = clock
        self._config = config
        self._changed = asyncio.Event()
        self._trouble = ""
        self._starts = self._entries = self._passed = 0

    async def run(self) -> None:
        """Follow until cancelled."""
        await renewed(self._changed, self._follow)

    def reconfigure(self, config: Config) -> None:
        """journalctl is started anew only where it would be called otherwise."""
        old, self._config = self._config, config
        if (old.logs.journald, command(old, "")) != (config.logs.journald, command(config, "")):
            self._changed.set()

    def counts(self) -> Mapping[str, int]:
        """For `/metrics`."""
        return {
            "entries_total": self._entries,
            "too_long_total": self._passed,
            "starts_total": self._starts,
        }

    def warnings(self) -> Sequence[str]:
        """Why the journal is not followed."""
        return [self._trouble] if self._trouble else []

    async def _follow(self) -> None:
        self._trouble = ""
        if not self._config.logs.journald:
            return
        pause = FIRST
        while True:
            began = self._clock.monotonic()
            try:
                said = await self._once()
            except OSError as error:
                said = str(error)
            lasted = self._clock.monotonic() - began
            text = f"the journal is not followed: {said or 'journalctl ended'}; tried again by itself"
            if text != self._trouble:
                log.error("%s", text)
            self._trouble = text
            pause = FIRST if lasted > LAST else min(LAST, pause * 2)
            await self._clock.sleep(pause)

    async def _once(self) -> str:
        """One journalctl from its start to its end; what it said of itself."""
        if shutil.which("journalctl") is None:
            return "there is no journalctl on this machine; set logs.journald = false, or install systemd"
        cursor = (await self._logs.marks()).get(MARK, "")
        child = await asyncio.create_subprocess_exec(
            *command(self._config, cursor),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST,
        )
        self._starts += 1
        assert child.stdout is not None
        assert child.stderr is not None
        errors = asyncio.ensure_future(_last_words(child.stderr))
        try:
            await self._read(child.stdout)
            await child.wait()
            return await errors
        finally:
            errors.cancel()
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await asyncio.shield(child.wait())

    async def _read(self, stream: asyncio.StreamReader) -> None:
        host = socket.gethostname()
        while True:
            lines, cursor = [], ""
            for data in await self._some(stream):
                try:
                    entry = json.loads(data)
                except (ValueError, RecursionError):
                    self._passed += 1
                    continue
                if isinstance(entry, dict):
                    line, place = line_of(entry, host)
                    lines.append(line)
                    cursor = place or cursor
            if stream.at_eof() and not lines:
                return
            self._trouble = ""
            self._entries += len(lines)
            await self._logs.feed(lines, {MARK: cursor} if cursor else {}, sender=SOURCE)

    async def _some(self, stream: asyncio.StreamReader) -> list[bytes]:
        """At least one entry, unless it ended, and those that came with it."""
        found: list[bytes] = []
        try:
            while len(found) < PIECE:
                if found:
                    async with asyncio.timeout(0.02):
                        data = await stream.readline()
                else:
                    data = await stream.readline()
                if not data:
                    break
                found.append(data)
        except TimeoutError:
            return found
        except ValueError:  # an entry longer than the limit; the stream has passed over it
            self._passed += 1
        return found


async def _last_words(stream: asyncio.StreamReader) -> str:
    """The last line of what it says, and no more of it in memory than that."""
    last = b""
    while data := await stream.read(4096):
        last = (last + data)[-4096:]
    lines = last.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
