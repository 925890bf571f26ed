"""A node-like process with triggers and their queue, which is killed at any moment, and what it leaves behind.

Its wall clock runs fast and is the same for all lives of a folder, so that the time between two lives passes too.
What happened is judged by what others wrote down: the sender its acknowledged deliveries, every call one line of a
file when it begins, and an oracle of its own the instants of the schedules.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import gzip
import hashlib
import hmac
import json
import os
import random
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import triggers_oracle as oracle
from gadfly.functions.function import Function
from gadfly.functions.queue import Outcome, Queue, Work
from gadfly.functions.trigger.event import Reply, Request
from gadfly.functions.trigger.logs import Streams
from gadfly.functions.trigger.receive import Receiver
from gadfly.functions.trigger.schedule import Schedules
from gadfly.store.logs import Kept, Page, Query
from gadfly.store.sqlite import Database

START = float(int(dt.datetime(2026, 11, 22, 0, 0, 30, tzinfo=dt.UTC).timestamp()))
SPEED = 2_400.0
"""Seconds of its clock in one: forty minutes."""
LINE = 15.0
"""Seconds of its clock between two lines of its log."""
KEY = b"0123456789abcdef0123456789abcdef"
FUNCTIONS = tuple(
    Function(name=name, path="/f.py", module="f", handler="h", owner="o", purpose="p", on=(on,), **settings)  # type: ignore[arg-type]
    for name, on, settings in (
        ("every", "schedule: * * * * * UTC", {"catchup": "all", "overlap": "queue"}),
        (
            "last",
            "schedule: */5 * * * * Europe/Berlin",
            {"catchup": "last", "overlap": "skip", "jitter": 30.0},
        ),
        ("none", "schedule: */7 * * * * America/New_York", {"catchup": "none"}),
        ("hook", "webhook: standard env:GADFLY_BENCH_HOOK", {}),
        ("lines", "logs: unit=app match=odd", {"batch": 5, "gather": 60.0}),
    )
)
HOOK = "webhook: standard env:GADFLY_BENCH_HOOK"
ROOM = 4


class Clock:
    """Fast, and the same for every life that began at the same time of the machine."""

    def __init__(self, began: float) -> None:
        self._began = began

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * SPEED

    def boottime(self) -> float:
        return self.monotonic()

    def wall(self) -> float:
        return START + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / SPEED)


class Lines:
    """A log in which a line comes every few seconds of the clock; every second one matches."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def last(self) -> int:
        return max(0, int(self._clock.monotonic() / LINE))

    async def marks(self) -> dict[str, str]:
        return {}

    async def read(self, query: Query) -> Page:
        assert query.after is not None
        last = self.last
        found = [_line(number) for number in range(query.after + 1, last + 1) if number % 2][: query.limit]
        more = len(found) == query.limit
        return Page(found, found[-1].number if more else last, more)


def _line(number: int) -> Kept:
    return Kept(number, START + number * LINE, "file:app", "h", "app", 6, f"line {number} is odd", "")


def signed(name: str, now: float) -> list[tuple[str, str]]:
    """The headers of a delivery whose body is its name."""
    at = str(int(now))
    signature = hmac.new(KEY, f"{name}.{at}.{name}".encode(), hashlib.sha256).digest()
    return [
        ("webhook-id", name),
        ("webhook-timestamp", at),
        ("webhook-signature", "v1," + base64.b64encode(signature).decode()),
    ]


async def live(folder: Path, began: float, seed: int, deliveries: socket.socket | None) -> None:
    """Until it is killed; without a way for deliveries to come, until nothing is left to do."""
    os.environ["GADFLY_BENCH_HOOK"] = "whsec_" + base64.b64encode(KEY).decode()
    clock, rng = Clock(began), random.Random(seed)
    store = Database(folder / "gadfly.db")
    queue = Queue(store, clock, rng)
    await queue.open()
    schedules, receiver = Schedules(store, queue), Receiver(queue, clock)
    streams = Streams(store, queue, Lines(clock))
    await schedules.declare(FUNCTIONS, clock.wall())
    await streams.declare(FUNCTIONS)
    receiver.declare(FUNCTIONS)
    effects = os.open(folder / "effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def keep_time() -> None:
        while True:
            await clock.sleep(await schedules.advance(clock.wall()))

    async def follow() -> None:
        while True:
            await clock.sleep(await streams.advance(clock.monotonic()) * 20)

    async def call(work: Work) -> None:
        os.write(effects, f"{work.id} {work.attempt} {work.key}\n".encode())
        await asyncio.sleep(rng.random() * 0.004)
        chance = rng.random()
        if chance < 0.85:
            await queue.end(work, Outcome(ended="ok"))
        else:
            await queue.end(work, Outcome(ended="failed" if chance < 0.95 else "ended", error="by chance"))

    running: Counter[str] = Counter()

    async def run(tasks: asyncio.TaskGroup) -> None:
        async def one(work: Work) -> None:
            await call(work)
            running[work.function] -= 1

        while True:
            room = {each.name: ROOM - running[each.name] for each in FUNCTIONS}
            for work in await queue.claim(room):
                running[work.function] += 1
                tasks.create_task(one(work))
            await queue.changed()

    async def take(deliveries: socket.socket, tasks: asyncio.TaskGroup) -> None:
        reader, writer = await asyncio.open_connection(sock=deliveries)

        async def one(name: str) -> None:
            request = Request("POST", "/fn/hook", "", signed(name, clock.wall()), name.encode(), "127.0.0.1")
            found = await receiver.take("hook", request)
            assert isinstance(found, Reply)
            writer.write(f"{name} {found.status}\n".encode())

        while said := await reader.readline():
            tasks.create_task(one(said.decode().strip()))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run(tasks))
        if deliveries is not None:
            tasks.create_task(keep_time())
            tasks.create_task(follow())
            await take(deliveries, tasks)
            return
        await schedules.advance(clock.wall())
        enough = clock.monotonic() + 600.0  # whatever the lives before did, some lines come and are handed on
        while True:
            await streams.advance(clock.monotonic())
            left = await store.read(_left)
            if not left and not any(running.values()) and clock.monotonic() > enough:
                os._exit(0)
            await asyncio.sleep(0.005)


def _left(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute(
        "SELECT COUNT(*) FROM invocation WHERE state IN ('waiting', 'running')"
    ).fetchone()
    return int(count)


async def set_up(folder: Path) -> None:
    """The folder as it is when everything was declared at the start of time."""
    store = Database(folder / "gadfly.db")
    clock = Clock(time.monotonic() + 3_600.0)  # no line was written yet
    queue = Queue(store, clock)
    await queue.open()
    await Schedules(store, queue).declare(FUNCTIONS, START)
    await Streams(store, queue, Lines(clock)).declare(FUNCTIONS)
    store.close()


@dataclass
class Found:
    """What a folder shows. What must not be is counted apart."""

    acknowledged: int = 0
    instants: int = 0
    lines: int = 0
    calls: int = 0
    tries: int = 0
    cut_off: int = 0
    """Tries that the process ended with, and that were made again."""
    skipped: int = 0
    lost: int = 0
    """Acknowledged deliveries without a call, or lines without an event."""
    doubled: int = 0
    """Instants and lines that came twice; tries of the same number that ran twice; calls that ran on."""
    unexplained: int = 0
    """Instants without a row; rows without an instant, a reason or an end; runs without a row before them."""
    words: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def examine(folder: Path, acknowledged: Sequence[str]) -> Found:
    """Compare what stands in the queue with what others know."""
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'gadfly.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT id, function, called, key, state, reason, attempts, event FROM invocation"
        ).fetchall()
        tries = connection.execute("SELECT invocation, number, outcome FROM attempt").fetchall()
        places = dict(connection.execute("SELECT function, place FROM trigger_place").fetchall())
    found = Found(acknowledged=len(acknowledged), calls=len(rows), tries=len(tries))
    _deliveries(found, {row[3] for row in rows if row[1] == "hook"}, acknowledged)
    for function in FUNCTIONS[:3]:
        mine = [row for row in rows if row[1] == function.name]
        _instants(found, function.on[0].removeprefix("schedule: "), mine, int(places[function.name]))
    _lines(found, [row for row in rows if row[1] == "lines"], int(places["lines"]))
    _runs(found, rows, tries, (folder / "effects").read_text().splitlines())
    return found


def _deliveries(found: Found, taken: set[str], acknowledged: Sequence[str]) -> None:
    for name in set(acknowledged) - taken:
        found.lost += 1
        found.words.append(f"delivery {name} was acknowledged and is not there")


def _instants(found: Found, text: str, rows: Sequence[tuple], end: int) -> None:  # type: ignore[type-arg]
    *fields, zone = text.split()
    begin, when = int(START), " ".join(fields)
    wanted = oracle.instants(
        when, oracle.spans(zone, begin, end), oracle.walls(when, begin, end), begin, end
    ).tolist()
    found.instants += len(wanted)
    seen: Counter[int] = Counter()
    for _, function, _, key, state, reason, _, _ in rows:
        first, _, last = key.partition("..")
        low, high = _instant(first), _instant(last or first)
        within = [one for one in wanted if low <= one <= high]
        seen.update(within)
        found.skipped += len(within) if state == "skipped" else 0
        if not within or (state == "skipped" and not reason) or (last and state != "skipped"):
            found.unexplained += 1
            found.words.append(f"{function}: {key} is {state}, {reason!r}, and {len(within)} instants")
    for one in wanted:
        if seen[one] != 1:
            found.doubled += seen[one] > 1
            found.unexplained += seen[one] < 1
            found.words.append(f"{text}: {one} is there {seen[one]} times")


def _instant(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


def _lines(found: Found, rows: Sequence[tuple], end: int) -> None:  # type: ignore[type-arg]
    seen: Counter[int] = Counter()
    for row in rows:
        data = gzip.decompress(base64.b64decode(json.loads(row[7])["awslogs"]["data"]))
        seen.update(int(one["id"]) for one in json.loads(data)["logEvents"])
    for number in range(1, end + 1, 2):
        found.lines += 1
        if seen[number] != 1:
            found.lost += seen[number] < 1
            found.doubled += seen[number] > 1
            found.words.append(f"line {number} is there {seen[number]} times")


def _runs(found: Found, rows: Sequence[tuple], tries: Sequence[tuple], effects: Sequence[str]) -> None:  # type: ignore[type-arg]
    outcomes: dict[int, list[str]] = {}
    for number, _, outcome in sorted(tries):
        outcomes.setdefault(number, []).append(outcome)
        found.cut_off += outcome == "lost"
    known = {(number, attempt) for number, attempt, _ in tries}
    ran: Counter[tuple[int, int]] = Counter()
    for line in effects:
        number, attempt, _ = line.split(" ", 2)
        ran[int(number), int(attempt)] += 1
    for run, times in ran.items():
        if times > 1:
            found.doubled += 1
            found.words.append(f"try {run} ran {times} times")
        if run not in known:
            found.unexplained += 1
            found.words.append(f"try {run} ran and is not written down")
    for number, _, _, key, state, reason, attempts, _ in rows:
        mine = outcomes.get(number, [])
        well = {
            "done": mine[-1:] == ["ok"] and mine.count("ok") == 1,
            "dead": len(mine) == attempts > 0 and "ok" not in mine and bool(reason),
            "skipped": not mine and bool(reason),
        }.get(state, False)
        finished = all((number, place + 1) in ran for place, outcome in enumerate(mine) if outcome == "ok")
        if not well or not finished or len(mine) != attempts or "running" in mine:
            found.unexplained += 1
            found.words.append(f"call {number} ({key}) is {state} with tries {mine}: {reason!r}")
