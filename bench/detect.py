"""How long from the break to the webhook: gadfly, Prometheus with Alertmanager, and serf, in one run.

The same process, in a namespace of its own host, beats for gadfly and is scraped by two Prometheuses, one as
Debian ships it (15 s; Alertmanager's defaults) and one as fast as it goes (1 s, no waiting). It is broken once,
at a random phase: killed, stopped, or its host's cable pulled; all three systems look at the same break.
Serf's own agent is what is broken for serf, because an agent watches agents. Further processes beat each
200 ms, or run on the node's own host, where pidfd knows. Each break is held until all have told, then repaired,
and the notice of the recovery is timed from the first good beat.

Alerts are grouped by component in all systems, so that each break is timed alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import usage
from namespaces import Host, Hosts, Unavailable
from node import GADFLY, Node
from peers import DEFAULT, FASTEST, Prometheus, Serf, missing
from report import Report, arguments, quantile
from trial import Notebook, Trial
from webhook_sink import Sink

CONFIG = """
[receiver.sink]
webhook = "{url}/gadfly"

[[route]]
receiver = "sink"
group_by = ["component"]
"""
TARGET = str(Path(__file__).with_name("target.py"))
KINDS = ("SIGKILL", "SIGSTOP", "link down")
SYSTEMS = ("gadfly", "prometheus fastest", "prometheus default", "serf")


@dataclass(frozen=True)
class Size:
    """How much is done."""

    each: int
    """Breaks of each kind."""
    hosts: int
    """Hosts that the killed and the stopped share."""
    agents: int
    at_once: int
    """Serf agents broken at a time: few, because a cluster that loses half its members is another experiment."""
    warm: float
    cost: float
    """Seconds over which CPU is compared, before anything is broken."""
    window: float
    """Breaks are spread over so many seconds."""
    hold: float
    repair: float
    default: bool


FULL = Size(50, 10, 20, 5, warm=20, cost=30, window=100, hold=110, repair=340, default=True)
QUICK = Size(1, 1, 4, 3, warm=0.5, cost=1, window=0.5, hold=4, repair=5, default=False)


class Target:
    """A process that can be broken and repaired."""

    def __init__(
        self, name: str, host: Host, kind: str, every: float, http: str, environment: dict[str, str]
    ) -> None:
        self.name, self.host, self.kind, self.every = name, host, kind, every
        self._command = [sys.executable, TARGET, name, f"--every={every}"]
        self._command += [f"--http={http}"] if http else []
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GADFLY_")
        } | environment

    async def start(self) -> float:
        """Start it; returns the moment of its first beat."""
        self.process = self.host.start(
            self._command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self._environment
        )
        assert self.process.stdout is not None
        line = await asyncio.to_thread(self.process.stdout.readline)
        if not line:
            raise RuntimeError(f"the target {self.name} ended at once")
        return float(line.split()[1])

    def broken(self) -> float:
        """Break it; returns the moment before."""
        now = time.monotonic()
        if self.kind == "link down":
            self.host.link(up=False)
        else:
            self.process.send_signal(signal.SIGKILL if self.kind == "SIGKILL" else signal.SIGSTOP)
        return now

    async def repaired(self) -> float:
        """Repair it; returns the first good beat of a new process, else the moment of the repair."""
        now = time.monotonic()
        if self.kind == "SIGKILL":
            self.process.wait()
            return await self.start()
        if self.kind == "link down":
            self.host.link(up=True)
        else:
            self.process.send_signal(signal.SIGCONT)
        return now


async def until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait for something, but not for ever; looks often enough for repairs, never for measuring."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:  # noqa: ASYNC110 (what is awaited happens on the sink's thread)
        await asyncio.sleep(0.1)
    return done()


class Detect:
    """One run."""

    def __init__(self, report: Report, size: Size) -> None:
        self.report, self.size = report, size
        self.book = Notebook()
        self.chance = random.Random(72)
        self.loads: list[float] = []

    async def run(self) -> None:
        size = self.size
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gadfly-detect-")))
            hosts = stack.enter_context(Hosts())
            shared = [f"m{n}" for n in range(size.hosts)]
            cables = [f"l{n}" for n in range(size.each)]
            agents = [f"s{n}" for n in range(size.agents)]
            names = ["node", *shared, *cables, *agents]
            for name in names:
                hosts.add(name)
            addresses = {name: f"10.71.{n // 250}.{n % 250 + 1}/16" for n, name in enumerate(names)}
            hosts.bridge(addresses, isolated=[*shared, *cables])
            sink = Sink(hosts["node"].inside(lambda: socket.create_server(("127.0.0.1", 0), backlog=512)))
            stack.enter_context(sink).on_delivery = self.book.enter
            self.node = Node(hosts["node"], CONFIG.format(url=sink.url))
            stack.callback(self.node.close)
            self.node.start()

            slow = self._targets(hosts, 1.0, shared, cables)
            scraped = {t.name: f"{t.host.address}:{9100 + n}" for n, t in enumerate(slow)}
            self.fastest = Prometheus(
                hosts["node"], folder / "f", FASTEST, 9190, scraped, sink.url + "/fastest"
            )
            stack.callback(self.fastest.close)
            if size.default:
                other = Prometheus(hosts["node"], folder / "d", DEFAULT, 9290, scraped, sink.url + "/default")
                stack.callback(other.close)
            serf = Serf(hosts["node"], folder / "s", (sink.host, sink.port))
            await self._start(slow)
            self.report.say(
                f"{len(slow)} targets of 1 s are watched by gadfly and by {1 + size.default} Prometheus"
            )
            await asyncio.sleep(size.warm)
            await self._cost()

            quick = self._targets(hosts, 0.2, shared, cables)
            await self._start(quick)
            members = {name: serf.join(hosts[name]) for name in agents}
            await asyncio.sleep(size.warm)
            heard = self.node.json("/api/v1/summary")["total"]
            self.report.say(f"gadfly hears {heard} components; {len(members)} serf agents")
            watching = asyncio.create_task(self._watch_load())
            breaks = [
                *self._cables(hosts, slow, quick),
                *(self._break([t]) for t in slow + quick if t.kind != "link down"),
            ]
            jobs: list[Awaitable[None]] = [
                *breaks,
                self._serf(serf, hosts, members),
                *self._own_host(hosts["node"]),
            ]
            try:
                await asyncio.gather(*jobs)
            finally:
                watching.cancel()
            self.metrics = self.node.metrics()

    def _targets(self, hosts: Hosts, every: float, shared: list[str], cables: list[str]) -> list[Target]:
        """`each` processes a kind; those whose cable is pulled have a host of their own."""
        found = []
        mark = "a" if every == 1.0 else "b"
        for number in range(self.size.each):
            for kind, name in zip(KINDS, (*[shared[number % len(shared)]] * 2, cables[number]), strict=True):
                host = hosts[name]
                http = f"{host.address}:{9100 + len(found)}" if every == 1.0 else ""
                name = f"{mark}-{kind.replace(' ', '-').lower()}-{number}"
                found.append(Target(name, host, kind, every, http, {}))
        return found

    async def _start(self, targets: list[Target]) -> None:
        """Start a few at a time, so that the machine stays answerable."""
        gate = asyncio.Semaphore(4)

        async def one(target: Target) -> None:
            async with gate:
                await target.start()

        await asyncio.gather(*map(one, targets))

    async def _cost(self) -> None:
        """CPU of both systems over the same seconds, watching the same targets at the same interval."""
        begin, ours, theirs = time.monotonic(), usage.cpu_seconds(self.node.pids), self.fastest.cpu()
        await asyncio.sleep(self.size.cost)
        seconds = time.monotonic() - begin
        self.ours = (usage.cpu_seconds(self.node.pids) - ours) / seconds
        self.theirs = (self.fastest.cpu() - theirs) / seconds

    def _cables(self, hosts: Hosts, slow: list[Target], quick: list[Target]) -> list[Awaitable[None]]:
        """A pulled cable breaks everybody on that host at once."""
        by_host: dict[str, list[Target]] = {}
        for target in slow + quick:
            if target.kind == "link down":
                by_host.setdefault(target.host.name, []).append(target)
        return [self._break(targets) for targets in by_host.values()]

    async def _break(self, targets: list[Target]) -> None:
        """Break, wait until all have told, repair, wait until all have told that too."""
        await asyncio.sleep(self.chance.uniform(0, self.size.window))
        trials = [Trial(self._label(t.kind, t.every), t.name) for t in targets]
        for trial in trials:
            trial.broken = time.monotonic()
            self.book.begin(trial)
        now = targets[0].broken()
        for trial in trials:
            trial.broken = now
        slow = targets[0].every == 1.0
        systems = [s for s in SYSTEMS[: 3 if self.size.default else 2] if slow or s == "gadfly"]
        hold = self.size.hold if slow else min(10.0, self.size.hold)
        await until(lambda: all(system in trials[0].told for system in systems), hold)
        await asyncio.sleep(0.5)
        for trial in trials:
            trial.repaired = time.monotonic()
        good = await targets[0].repaired()
        for trial in trials:
            trial.good = good
        repair = self.size.repair if slow else min(20.0, self.size.repair)
        await until(lambda: all(system in trials[0].cleared for system in systems), repair)

    @staticmethod
    def _label(kind: str, every: float) -> str:
        return kind if every == 1.0 else f"{kind}, 200 ms"

    async def _serf(self, serf: Serf, hosts: Hosts, members: dict[str, subprocess.Popen[bytes]]) -> None:
        """Break agents, a few at a time, until there are as many trials."""
        todo = [kind for kind in KINDS for _ in range(self.size.each)]
        self.chance.shuffle(todo)
        free: asyncio.Queue[str] = asyncio.Queue()
        for name in members:
            free.put_nowait(name)
        gate = asyncio.Semaphore(self.size.at_once)

        async def one(kind: str) -> None:
            async with gate:
                name = await free.get()
                await asyncio.sleep(self.chance.uniform(0, 2))
                host, trial = hosts[name], Trial(kind, name)
                trial.broken = time.monotonic()
                self.book.begin(trial)
                if kind == "link down":
                    host.link(up=False)
                else:
                    members[name].send_signal(signal.SIGKILL if kind == "SIGKILL" else signal.SIGSTOP)
                await until(lambda: "serf" in trial.told, min(30.0, 2 * self.size.hold))
                trial.good = trial.repaired = time.monotonic()
                if kind == "link down":
                    host.link(up=True)
                elif kind == "SIGSTOP":
                    members[name].send_signal(signal.SIGCONT)
                else:
                    members[name].wait()
                    members[name] = serf.join(host)
                await until(lambda: "serf" in trial.cleared, min(45.0, self.size.repair))
                # A member that only just came back is still being gossiped about.
                await asyncio.sleep(min(3.0, self.size.warm))
                free.put_nowait(name)

        await asyncio.gather(*map(one, todo))

    def _own_host(self, host: Host) -> list[Awaitable[None]]:
        """Processes beside the node, four at a time: `gadfly exec` and a program with a heart of its own."""
        gate = asyncio.Semaphore(4)

        async def wrapped(number: int) -> None:
            async with gate:
                name = f"exec-{number}"
                process = host.start(
                    [GADFLY, "exec", name, "--", "sleep", "600"],
                    env=os.environ | self.node.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                if not await until(lambda: len(usage.family(process.pid)) > 1, 10.0):
                    raise RuntimeError(
                        f"`gadfly exec {name}` started nothing; its exit code is {process.poll()}"
                    )
                await asyncio.sleep(1.5 + self.chance.uniform(0, 1))
                await self._kill("gadfly exec, own host", name, usage.family(process.pid)[-1])
                process.wait(10)

        async def beside(number: int) -> None:
            async with gate:
                target = Target(f"beside-{number}", host, "SIGKILL", 1.0, "", self.node.environment)
                await target.start()
                await asyncio.sleep(1.5 + self.chance.uniform(0, 1))
                await self._kill("pidfd, own host", target.name, target.process.pid)
                target.process.wait(10)

        numbers = range(self.size.each)
        return [*map(wrapped, numbers), *map(beside, numbers)]

    async def _kill(self, kind: str, name: str, pid: int) -> None:
        trial = Trial(kind, name, broken=time.monotonic())
        self.book.begin(trial)
        trial.broken = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        await until(lambda: "gadfly" in trial.told, 10.0)

    async def _watch_load(self) -> None:
        while True:
            self.loads.append(os.getloadavg()[0])
            await asyncio.sleep(5)


def show(run: Detect, report: Report) -> None:
    """Tables, goals, figures, peers."""
    every_kind = list(dict.fromkeys(trial.kind for trial in run.book.trials))
    kinds = sorted(every_kind, key=lambda kind: ("host" in kind, "200" in kind, kind))
    rows, repairs = [], []
    for kind in kinds:
        for system in SYSTEMS:
            trials = [t for t in run.book.trials if t.kind == kind and _meant(t, system)]
            took = [seconds for t in trials if (seconds := t.took(system)) is not None]
            if not trials or (system == "prometheus default" and not run.size.default):
                continue
            figures = [quantile(took, q) for q in (0.5, 0.99, 1.0)]
            rows.append((kind, system, f"{len(took)}/{len(trials)}", *figures))
            back = [seconds for t in trials if (seconds := t.recovery(system)) is not None]
            if any(t.good for t in trials):
                repairs.append(
                    (
                        kind,
                        system,
                        f"{len(back)}/{len(trials)}",
                        *[quantile(back, q) for q in (0.5, 0.99, 1.0)],
                    )
                )
            entry = {"breaks": len(trials), "told": len(took)} | dict(
                zip(("p50", "p99", "max"), figures, strict=True)
            )
            entry["recovery_p50"], entry["recovery_max"] = quantile(back, 0.5), quantile(back, 1.0)
            (report.figures if system == "gadfly" else report.peers).setdefault(system, {})[kind] = entry
    head = ("broken by", "system", "told", "p50 s", "p99 s", "max s")
    report.table(head, rows, title="From the break to the webhook")
    report.table(
        head, repairs, title="From the first good beat (SIGKILL) or the repair to the notice of the recovery"
    )
    report.say(
        "\nPrometheus default: Debian's 15 s / 15 s, time-out 10 s, group_wait 30 s, group_interval 5 m; fastest: 1 s, 0 s."
    )
    ratio = run.ours / run.theirs if run.theirs else None
    report.table(
        ("CPU, the same targets each 1 s", "cores", "ratio"),
        [
            ("gadfly (node and ear)", run.ours, 1.0 if ratio is None else ratio),
            ("prometheus + alertmanager", run.theirs, 1.0),
        ],
        title="Cost",
    )
    report.peers["prometheus_cpu"] = run.theirs
    report.figures |= {
        "cpu": run.ours,
        "cpu_ratio": ratio,
        "load": max(run.loads, default=None),
        "false": run.book.false,
    }
    report.figures["ear"] = {
        name: count for name, count in run.metrics.items() if "gadfly_ear" in name and count
    }
    for system, names in run.book.false.items():
        if names:
            found = sorted(set(names))
            report.say(f"called dead though alive, by {system}: {len(found)}, such as {', '.join(found[:3])}")
    _goals(run, report)


def _meant(trial: Trial, system: str) -> bool:
    """Whether the system watches what this trial broke."""
    if system == "serf" or trial.component.startswith("s"):
        return system == "serf" and trial.component.startswith("s")
    return system == "gadfly" or trial.component.startswith("a-")


def _goals(run: Detect, report: Report) -> None:
    got = report.figures.get("gadfly", {})
    plan = [("SIGKILL", 0.8, 1.4), ("SIGSTOP", 1.3, 2.0), ("link down", 1.3, 2.0)]
    for kind, p50, p99 in plan:
        for label, share in ((kind, 1.0), (f"{kind}, 200 ms", 0.25)):
            found = got.get(label, {})
            whole = found.get("told") == found.get("breaks") and bool(found)
            report.at_most(f"{label}: p50", p50 * share, found.get("p50"), "s")
            # A break that was never told took longer than any goal.
            report.at_most(f"{label}: p99", p99 * share, found.get("p99") if whole else None, "s")
    for label in ("gadfly exec, own host", "pidfd, own host"):
        found = got.get(label, {})
        whole = found.get("told") == found.get("breaks") and bool(found)
        report.at_most(f"{label}: max", 0.05, found.get("max") if whole else None, "s")
    back = [
        t.recovery("gadfly")
        for t in run.book.trials
        if t.kind.startswith("SIGKILL") and _meant(t, "gadfly") and t.good
    ]
    all_back = [seconds for seconds in back if seconds is not None]
    report.at_most(
        "recovery notice after the first good beat: max",
        5.0,
        max(all_back) if back and len(back) == len(all_back) else None,
        "s",
    )
    report.exactly("false alarms of gadfly", 0, len(run.book.false["gadfly"]), "")
    report.at_most("CPU beside Prometheus at the same interval", 0.25, report.figures["cpu_ratio"], "ratio")


def main() -> None:
    quick = arguments(__doc__ or "").parse_args().quick
    report = Report("detect", quick=quick)
    if lacking := missing():
        report.say(f"detect needs Debian's {', '.join(lacking)}")
        raise SystemExit(3)
    run = Detect(report, QUICK if quick else FULL)
    try:
        asyncio.run(run.run())
    except Unavailable as why:
        report.say(str(why))
        raise SystemExit(3) from None
    show(run, report)
    report.finish()


if __name__ == "__main__":
    main()
