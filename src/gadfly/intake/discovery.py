"""How targets are found beside the configuration: files, DNS, an HTTP server that lists them.

Each provider of each job asks at its own pace and tells what it found; where it cannot ask, what it found
before stays. What it reads is checked by :mod:`.target_list`.
"""

from __future__ import annotations

import asyncio
import glob
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from gadfly import secret
from gadfly.clock import Clock
from gadfly.config.scrape import Listing, Names, Scrape
from gadfly.errors import ConfigError
from gadfly.intake.fetch import Line, TooLarge, Trust, trust
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.failure import Unable
from gadfly.monitor.probe.request import parse
from gadfly.monitor.probe.response import ResponseError
from gadfly.telemetry import target_list

FILES = 5.0
"""Seconds between looks whether a file has changed."""
FILE_BYTES = target_list.BYTES
LIST_BYTES = 64 << 20
LARGE = 65_536
"""Bytes of a list beyond which it is read in a thread, so that others get their turn."""
ANSWER = 30.0
"""Seconds that an HTTP server may take to list, and a name server to answer."""
MISSING = "SRV records need gadfly[dns]; install it, or ask for A or AAAA with a port"

Labels = Mapping[str, str]
Told = Callable[[str, str, Sequence[Labels] | None, str], Awaitable[None]]
"""Job, provider, what was found (None: as before), what is wrong (empty: nothing)."""


class _Seen(NamedTuple):
    """A file as it was read."""

    stamp: tuple[int, int, int]
    labels: Sequence[Labels]


class Discovery:
    """All providers of all jobs."""

    def __init__(self, context: Context, clock: Clock, told: Told) -> None:
        self._context = context
        self._clock = clock
        self._told = told
        self._wanted: dict[str, Scrape] = {}
        self._tasks: dict[str, tuple[Scrape, list[asyncio.Task[None]]]] = {}
        self._changed = asyncio.Event()

    def replace(self, jobs: Mapping[str, Scrape]) -> None:
        """These are the jobs from now on."""
        self._wanted = dict(jobs)
        self._changed.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                for name in list(self._tasks):
                    if self._wanted.get(name) != self._tasks[name][0]:
                        for task in self._tasks.pop(name)[1]:
                            task.cancel()
                for name, scrape in self._wanted.items():
                    if name not in self._tasks:
                        self._tasks[name] = (scrape, self._begin(group, name, scrape))
                await self._changed.wait()

    def _begin(self, group: asyncio.TaskGroup, name: str, scrape: Scrape) -> list[asyncio.Task[None]]:
        work = [self._follow_names(name, names) for names in scrape.dns]
        work += [self._follow_list(name, listing) for listing in scrape.http]
        if scrape.files:
            work.append(self._follow_files(name, scrape.files))
        return [group.create_task(one) for one in work]

    async def _follow_files(self, job: str, patterns: Sequence[str]) -> None:
        seen: dict[str, _Seen] = {}
        first = True
        while True:
            changed, wrong = await asyncio.to_thread(read_files, patterns, seen)
            if changed or first or wrong:
                labels = [one for path in sorted(seen) for one in seen[path].labels]
                await self._told(job, "files", labels, "; ".join(wrong[:3]))
            elif not wrong:
                await self._told(job, "files", None, "")
            first = False
            await self._clock.sleep(FILES)

    async def _follow_names(self, job: str, names: Names) -> None:
        provider = f"dns {names.type} {names.names[0] if names.names else ''}"
        known: dict[str, list[dict[str, str]]] = {}
        while True:
            wrong = ""
            for name in names.names:
                try:
                    async with asyncio.timeout(ANSWER):
                        known[name] = await asyncio.to_thread(ask, name, names.type, names.port)
                except (OSError, ValueError) as error:
                    wrong = f"{name}: {error or 'no answer'}"
            await self._told(job, provider, [one for found in known.values() for one in found], wrong)
            await self._clock.sleep(names.every)

    async def _follow_list(self, job: str, listing: Listing) -> None:
        line = Line()
        provider = f"http {listing.url.partition('?')[0]}"
        try:
            while True:
                try:
                    found = await self._listed(line, listing)
                except (OSError, ResponseError, TooLarge, ConfigError, Unable, ValueError) as error:
                    line.close()
                    why = str(error) or type(error).__name__
                    await self._told(job, provider, None, why)
                else:
                    await self._told(job, provider, found, "")
                await self._clock.sleep(listing.every)
        finally:
            line.close()

    async def _listed(self, line: Line, listing: Listing) -> list[Labels]:
        place = parse(listing.url)
        headers = {
            "User-Agent": "gadfly-scrape",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "X-Prometheus-Refresh-Interval-Seconds": f"{listing.every:g}",
        }
        headers |= secret.headers(listing.headers)
        trusted = None
        if place.secure:
            trusted = Trust(await asyncio.to_thread(trust, listing.verify, listing.ca, "", ""), "")
        answer = await line.get(
            self._context,
            place,
            headers,
            trusted,
            deadline=self._context.now() + ANSWER,
            limit=LIST_BYTES,
            redirects=3,
        )
        if answer.status != 200:
            raise ResponseError(f"answered with status {answer.status}")
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise ResponseError(f"answered with {media[:60]!r}, not with application/json")
        meta = {"__meta_url": listing.url.partition("?")[0]}
        if len(answer.body) <= LARGE:
            return target_list.read_json(answer.body, meta)
        return await asyncio.to_thread(target_list.read_json, answer.body, meta)


def read_files(patterns: Sequence[str], seen: dict[str, _Seen]) -> tuple[bool, list[str]]:
    """Bring `seen` up to date, in a thread: whether it changed, and what is wrong. A file that cannot be read
    or is no list keeps the targets it had; one that is gone has none."""
    paths = {path for pattern in patterns for path in glob.glob(os.path.expanduser(pattern))}
    changed = bool(seen.keys() - paths)
    for path in seen.keys() - paths:
        del seen[path]
    wrong = []
    for path in sorted(paths):
        try:
            about = os.stat(path)
            stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
            if path in seen and seen[path].stamp == stamp:
                continue
            with open(path, "rb") as file:
                labels = target_list.read(file.read(FILE_BYTES + 1), path)
        except (OSError, ValueError) as error:
            wrong.append(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        seen[path] = _Seen(stamp, labels)
        changed = True
    return changed, wrong


def ask(name: str, kind: str, port: int) -> list[dict[str, str]]:
    """What DNS says, in a thread. OSError or ValueError where it does not."""
    if kind != "SRV":
        family = socket.AF_INET if kind == "A" else socket.AF_INET6
        found = socket.getaddrinfo(name, port, family, socket.SOCK_STREAM)
        hosts = sorted({str(one[4][0]) for one in found})
        return [
            {"__address__": f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "__meta_dns_name": name}
            for host in hosts
        ]
    try:
        import dns.exception
        import dns.resolver
    except ImportError:
        raise ValueError(MISSING) from None
    try:
        answer = dns.resolver.resolve(name, "SRV", lifetime=ANSWER / 2)
    except dns.exception.DNSException as error:
        raise ValueError(str(error) or type(error).__name__) from None
    return [
        {
            "__address__": f"{str(one.target).rstrip('.')}:{one.port}",
            "__meta_dns_name": name,
            "__meta_dns_srv_record_target": str(one.target),
            "__meta_dns_srv_record_port": str(one.port),
        }
        for one in answer
    ]
