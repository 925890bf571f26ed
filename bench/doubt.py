"""Does the node ever declare a death that was none, and does it find every death that was one?

1,000 components on 10 hosts beat each second over a wire that loses (1, 5, 20 %), loses in bursts, jitters
and reorders; the node is stopped for 30 s and continued; its own interface is down for 5 s, and its cable is cut
for 0.9 s, so that what it asks leaves and nothing returns (its doubt lasts one interval: a longer cut is believed);
its wall clock is set back and forth. In each phase
some components really die: half of them as a killed process (the host refuses what comes for it, by the same
bad wire), half as a host that lost power (nothing comes back at all).

False death: the node's webhook says that a component is down while it lives. Found: it says so of one that
is dead, within 30 s. Both are counted from the webhooks, and false deaths also from the node's own story.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

import usage
from hearts import Hearts
from link import Weather, Wire
from namespaces import IFF_UP, SIOCSIFFLAGS, Hosts, Unavailable
from node import Node
from report import Report, arguments, quantile
from webhook_sink import Delivery, Sink

CLEAR = Weather()
PATIENCE = 30.0
"""Seconds after which a death counts as not found."""
CONFIG = """
[receiver.sink]
webhook = "{url}"

[[route]]
receiver = "sink"
group_by = ["component"]
"""
# By component, because a message about more of the same cause may wait; here each death is timed by itself.


@dataclass
class Phase:
    """A stretch of weather, or of trouble for the node, and what was seen in it."""

    name: str
    seconds: float
    weather: Weather = CLEAR
    stop: float = 0.0
    """Seconds that the node is stopped, in the middle."""
    down: float = 0.0
    """Seconds that the node's own interface is down, in the middle."""
    cut: float = 0.0
    """Seconds that nothing comes through any cable, in the middle."""
    clock: tuple[float, ...] = ()
    """Errors of the node's wall clock, one after another, in seconds."""
    died: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Name → when, and how."""
    went_on: float = 0.0
    """When the stopped node was continued."""
    found: dict[str, float] = field(default_factory=dict)
    false: list[str] = field(default_factory=list)
    counters: dict[str, float] = field(default_factory=dict)
    behind: float = 0.0
    cpu: float = 0.0


def plan(quick: bool) -> list[Phase]:
    """Eleven and a half minutes, or a sketch of them."""
    bursts = Weather(p=0.02, r=0.1, bad=0.9, loss=0.005)
    phases = [
        Phase("clean", 60),
        Phase("loss 1 %", 60, Weather(loss=0.01)),
        Phase("loss 5 %", 75, Weather(loss=0.05)),
        Phase("loss 20 %", 90, Weather(loss=0.20)),
        Phase("bursts", 90, bursts),
        Phase("jitter 0–300 ms", 75, Weather(jitter=0.3)),
        Phase("node stopped", 75, stop=30),
        Phase("own link down", 45, down=5.0),
        Phase("cable cut", 45, cut=0.9),
        Phase("clock moved", 75, clock=(-3600.0, 7200.0, -40.0, 5.0, 0.0)),
    ]
    if quick:
        phases = [phases[0], phases[2], phases[6], phases[7]]
        for phase in phases:
            phase.seconds, phase.stop, phase.down = 2.4, min(phase.stop, 1.0), min(phase.down, 0.8)
    return phases


class Doubt:
    """One run."""

    def __init__(self, report: Report, phases: list[Phase], hosts: int, components: int, deaths: int) -> None:
        self.report, self.phases, self.deaths = report, phases, deaths
        self._chance = random.Random(71)
        self._places = [(f"h{n}", [f"c{i}" for i in range(n, components, hosts)]) for n in range(hosts)]
        self._fresh = [name for _, names in self._places for name in names]
        self._chance.shuffle(self._fresh)
        self._dead: dict[str, Phase] = {}
        self._now = Phase("warm-up", 0)
        self.warm_up = self._now

    def run(self) -> None:
        with Hosts() as hosts, contextlib.ExitStack() as stack:
            addresses = {"node": "10.72.0.1/16"}
            hosts.add("node")
            for number, (name, _) in enumerate(self._places, 1):
                hosts.add(name)
                addresses[name] = f"10.72.{number}.1/16"
            self.wire = Wire(hosts, addresses, seed=71)
            stack.callback(self.wire.close)
            self._control = hosts["node"].inside(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            stack.callback(self._control.close)
            self.report.say(f"wire: {self.wire.kind}")
            listening = hosts["node"].inside(lambda: socket.create_server(("127.0.0.1", 0)))
            sink = stack.enter_context(Sink(listening))
            sink.on_delivery = self._told
            movable = any(phase.clock for phase in self.phases)
            self.node = Node(hosts["node"], CONFIG.format(url=sink.url), movable_clock=movable)
            stack.callback(self.node.close)
            self.node.start()
            self.hearts = Hearts([(hosts[name], names) for name, names in self._places], every=1.0, seed=71)
            stack.callback(self.hearts.close)
            self._listen(2.5 if self.report.quick else 25.0)
            try:
                for phase in self.phases:
                    self._phase(phase)
            finally:
                self.log = self.node.log.read_text()[-2000:]

    def _listen(self, seconds: float) -> None:
        """Warm up; whoever is declared dead in it is a false death as well."""
        time.sleep(seconds)
        total = self.node.json("/api/v1/summary")["total"]
        self.report.say(f"heard after {seconds:g} s: {total} components")
        self.report.figures["heard"] = total

    def _phase(self, phase: Phase) -> None:
        self._now = phase
        before, cpu = self.node.metrics(), self._cpu()
        self.hearts.tell()
        self.wire.set(phase.weather)
        begin = time.monotonic()
        for at, act in sorted(self._agenda(phase), key=lambda item: item[0]):
            time.sleep(max(0.0, begin + at - time.monotonic()))
            act()
        time.sleep(max(0.0, begin + phase.seconds - time.monotonic()))
        # Whoever died late in the phase has its full time to be found, in the weather that it died in.
        last = max((at for at, _ in phase.died.values()), default=0.0)
        while len(phase.found) < len(phase.died) and time.monotonic() < last + PATIENCE + phase.stop:
            time.sleep(0.1)
        self.wire.set(CLEAR)
        phase.behind = self.hearts.tell()["behind"]
        after = self.node.metrics()
        phase.counters = {name: after[name] - before.get(name, 0.0) for name in after if "_total" in name}
        phase.cpu = (self._cpu() - cpu) / (time.monotonic() - begin)
        times = sorted(phase.found.values())
        self.report.say(
            f"{phase.name}: {len(phase.false)} false, {len(phase.found)}/{len(phase.died)} found"
            f", p50 {quantile(times, 0.5):.2f} s, slowest {max(times, default=float('nan')):.2f} s"
        )
        for name in list(self._dead):
            self.hearts.tell(back=name)
            del self._dead[name]

    def _cpu(self) -> float:
        return usage.cpu_seconds(self.node.pids)

    def _agenda(self, phase: Phase) -> list[tuple[float, Any]]:
        """What happens in the phase, with its seconds from the beginning."""
        margin = min(5.0, phase.seconds / 4)
        agenda: list[tuple[float, Any]] = []
        for number in range(self.deaths):
            name, how = self._fresh.pop(), ("refused", "gone")[number % 2]
            begin, end = margin, phase.seconds - 2 * margin
            if phase.stop and number < self.deaths // 2:
                end = margin + phase.stop
            agenda.append((self._chance.uniform(begin, end), self._death(phase, name, how)))
        if phase.stop:
            agenda.append((margin, lambda: self.node.signal(signal.SIGSTOP)))
            agenda.append((margin + phase.stop, lambda: self._go_on(phase)))
        if phase.down:
            agenda.append((phase.seconds / 2, lambda: self._own_link(up=False)))
            agenda.append((phase.seconds / 2 + phase.down, lambda: self._own_link(up=True)))
        if phase.cut:
            agenda.append((phase.seconds / 2, lambda: self.wire.set(Weather(loss=1.0))))
            agenda.append((phase.seconds / 2 + phase.cut, lambda: self.wire.set(phase.weather)))
        for number, wrong in enumerate(phase.clock):
            agenda.append(
                (phase.seconds * (number + 0.5) / len(phase.clock), lambda s=wrong: self._set_clock(s))
            )
        return agenda

    def _go_on(self, phase: Phase) -> None:
        phase.went_on = time.monotonic()
        self.node.signal(signal.SIGCONT)

    def _own_link(self, *, up: bool) -> None:
        flags = struct.pack("16sH14x", b"gd0", IFF_UP if up else 0)
        fcntl.ioctl(self._control, SIOCSIFFLAGS, flags)

    def _set_clock(self, seconds: float) -> None:
        assert self.node.clock is not None
        self.node.clock.set(seconds)

    def _death(self, phase: Phase, name: str, how: str) -> Any:
        def act() -> None:
            self._dead[name] = phase
            # Noted before it happens, so that even an answer within the millisecond is no false death.
            phase.died[name] = (time.monotonic(), how)
            self.hearts.tell(**{"dies" if how == "refused" else "gone": name})

        return act

    def _told(self, delivery: Delivery) -> None:
        """Called by the sink for every webhook."""
        for alert in delivery.json["alerts"]:
            if alert["status"] != "firing":
                continue
            name = alert["labels"].get("component", "?")
            phase = self._dead.get(name)
            if phase is None:
                self._now.false.append(name)
                note = alert.get("annotations", {})
                self.report.say(
                    f"  FALSE in {self._now.name}: {name} {alert['labels'].get('verdict')}: {note}"
                )
            else:
                # Who is stopped cannot see; a death in that time is timed from when it could be seen.
                phase.found.setdefault(name, delivery.at - max(phase.died[name][0], phase.went_on))


def show(run: Doubt, report: Report) -> None:
    """Tables, goals, figures."""
    rows = []
    for phase in [run.warm_up, *run.phases]:
        by = {
            how: sorted(took for name, took in phase.found.items() if phase.died[name][1] == how)
            for how in ("refused", "gone")
        }
        rows.append(
            (
                *(phase.name, phase.seconds, f"{100 * phase.weather.expected_loss:.3g} %", len(phase.false)),
                f"{len(phase.found)}/{len(phase.died)}",
                *(quantile(by["refused"], 0.5), max(by["refused"], default=None)),
                *(quantile(by["gone"], 0.5), max(by["gone"], default=None)),
                *(phase.behind * 1000, phase.cpu),
            )
        )
    report.table(
        (
            "phase",
            "s",
            "loss",
            "false",
            "found",
            "refused p50",
            "max",
            "gone p50",
            "max",
            "late ms",
            "node cpu",
        ),
        rows,
        title="Detection in seconds, from the death (or the node's going on) to the webhook; 'late': the fleet's worst beat",
    )
    report.figures |= {
        phase.name: {
            "false": phase.false,
            "died": len(phase.died),
            "missed": sorted(set(phase.died) - set(phase.found)),
            "seconds": {name: [phase.died[name][1], took] for name, took in phase.found.items()},
            "counters": {name: count for name, count in phase.counters.items() if count},
        }
        for phase in [run.warm_up, *run.phases]
    }
    report.figures["wire"] = {"kind": run.wire.kind}
    died = sum(len(phase.died) for phase in run.phases)
    report.exactly(
        "false deaths", 0, sum(len(phase.false) for phase in [run.warm_up, *run.phases]), "components"
    )
    report.at_least("real deaths found", died, sum(len(phase.found) for phase in run.phases), "components")
    for phase in run.phases:
        if phase.clock:
            jumps = phase.counters.get("gadfly_ear_wall_jumps_total", 0)
            report.at_least("the ear saw the wall clock jump", len(phase.clock), jumps, "times")


def main() -> None:
    quick = arguments(__doc__ or "").parse_args().quick
    report = Report("doubt", quick=quick)
    if os.geteuid():
        report.say("doubt needs root: network namespaces and TAP devices")
        raise SystemExit(3)
    run = Doubt(report, plan(quick), *((4, 100, 2) if quick else (10, 1000, 10)))
    try:
        run.run()
    except Unavailable as why:
        report.say(str(why))
        raise SystemExit(3) from None
    show(run, report)
    report.finish()


if __name__ == "__main__":
    main()
