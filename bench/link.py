"""A wire that loses, delays and reorders: the link emulator of the benches.

It stands where the kernel has no `sch_netem`. Every host and the node have a TAP device; this program reads
the Ethernet frames that leave one and writes them, late or never, into the other. The shape is a star: what
a host sends reaches the node; what the node sends reaches the host it is addressed to, and all of them when
it is multicast. Each cable has its own state in each direction.

:class:`Model` is the arithmetic (pure, tested by `tests/bench/test_link.py`), :class:`Relay` the loop around
it, :class:`Wire` the handle of a bench, which runs the relay as a process of its own and changes the model
while it runs. With netem in the kernel, :class:`Wire` uses that on a switch of veth pairs instead and says so.

The loss model is Gilbert's and Elliott's, as in `netem loss gemodel`: before each packet the state may change,
good → bad with probability `p`, bad → good with `r`; then the packet is lost with `bad` or `good`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from namespaces import Host, Hosts

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
FRAME = 2048
BACKLOG = 200_000
"""Frames under way at most; beyond it the wire drops, and counts that it did."""


@dataclass(frozen=True)
class Weather:
    """How a cable behaves, the same in both directions. Probabilities 0 to 1, times in seconds."""

    loss: float = 0.0
    """Chance of loss in the good state: for independent losses this is all there is."""
    p: float = 0.0
    r: float = 1.0
    bad: float = 1.0
    delay: float = 0.0
    jitter: float = 0.0
    """Each packet waits `delay` plus a uniform share of `jitter`, on its own: so packets overtake each other."""

    @property
    def expected_loss(self) -> float:
        """The share of packets lost in the long run."""
        in_bad = self.p / (self.p + self.r) if self.p else 0.0
        return in_bad * self.bad + (1 - in_bad) * self.loss

    def netem(self) -> list[str]:
        """The same in the words of `tc qdisc … netem`."""
        words = ["limit", str(BACKLOG)]
        if self.delay or self.jitter:
            middle = (self.delay + self.jitter / 2) * 1000
            words += ["delay", f"{middle:.3f}ms", f"{self.jitter * 500:.3f}ms"]
        if self.p:
            percents = (self.p, self.r, self.bad, self.loss)
            words += ["loss", "gemodel", *(f"{100 * share:g}%" for share in percents)]
        elif self.loss:
            words += ["loss", "random", f"{100 * self.loss:g}%"]
        return words


class Model:
    """One direction of one cable: for each packet, how many seconds it takes, or None when it is lost."""

    def __init__(self, weather: Weather, seed: int) -> None:
        self.weather = weather
        self._random = random.Random(seed).random
        self._bad = False

    def fate(self) -> float | None:
        w, chance = self.weather, self._random
        if w.p:
            self._bad = chance() >= w.r if self._bad else chance() < w.p
        lost = w.bad if self._bad and w.p else w.loss
        if lost and chance() < lost:
            return None
        return w.delay + w.jitter * chance() if w.jitter else w.delay


class Relay:
    """Reads frames from TAP devices and writes them on; `taps[0]` is the node's."""

    def __init__(self, taps: Sequence[int], seed: int) -> None:
        self._taps = list(taps)
        self._up = [Model(Weather(), seed + 2 * n) for n in range(len(taps))]
        self._down = [Model(Weather(), seed + 2 * n + 1) for n in range(len(taps))]
        self._port: dict[bytes, int] = {}
        self._late: list[tuple[float, int, int, bytes]] = []
        self._number = 0
        self.carried = self.lost = self.overflow = 0

    def set(self, weather: Weather) -> None:
        """Change the weather; packets under way keep the delay they have."""
        for model in (*self._up, *self._down):
            model.weather = weather

    def run(self, control: int) -> None:
        """Relay until `control` is closed at its other end; each line on it is a command in JSON."""
        poll = select.epoll()
        index = {tap: n for n, tap in enumerate(self._taps)}
        for descriptor in (*self._taps, control):
            poll.register(descriptor, select.EPOLLIN)
        pending = b""
        while True:
            wait = self._late[0][0] - time.monotonic() if self._late else 1.0
            for descriptor, _ in poll.poll(max(0.0, wait)):
                if descriptor in index:
                    self._drain(index[descriptor])
                    continue
                text = os.read(control, 65536)
                if not text:
                    return
                *lines, pending = (pending + text).split(b"\n")
                for line in lines:
                    self._command(json.loads(line))
            self._release(time.monotonic())

    def _command(self, command: dict[str, Any]) -> None:
        if "weather" in command:
            self.set(Weather(**command["weather"]))
        answer = {"carried": self.carried, "lost": self.lost, "overflow": self.overflow}
        print(json.dumps(answer), flush=True)

    def _drain(self, port: int) -> None:
        tap, now = self._taps[port], time.monotonic()
        # Bounded, so that one talkative host cannot keep the others' packets from leaving on time.
        for _ in range(256):
            try:
                frame = os.read(tap, FRAME)
            except BlockingIOError:
                return
            if port:
                self._port[frame[6:12]] = port
                self._send(self._up[port], 0, now, frame)
            elif frame[0] & 1:
                for other in range(1, len(self._taps)):
                    self._send(self._down[other], other, now, frame)
            elif (other := self._port.get(frame[:6], 0)) > 0:
                self._send(self._down[other], other, now, frame)

    def _send(self, model: Model, port: int, now: float, frame: bytes) -> None:
        wait = model.fate()
        if wait is None:
            self.lost += 1
        elif wait == 0.0:
            self._write(port, frame)
        elif len(self._late) >= BACKLOG:
            self.overflow += 1
        else:
            self._number += 1
            heapq.heappush(self._late, (now + wait, self._number, port, frame))

    def _release(self, now: float) -> None:
        while self._late and self._late[0][0] <= now:
            _, _, port, frame = heapq.heappop(self._late)
            self._write(port, frame)

    def _write(self, port: int, frame: bytes) -> None:
        try:
            os.write(self._taps[port], frame)
            self.carried += 1
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ENOBUFS, errno.EIO):
                raise
            self.overflow += 1


def tap(name: str) -> int:
    """Open a TAP device in the namespace of the calling thread. The device goes when the descriptor is closed."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return descriptor


def netem_available(host: Host) -> bool:
    """Whether the kernel has `sch_netem`; found out by using it."""
    command = ["ip", "netns", "exec", host.namespace, "tc", "qdisc"]
    tried = subprocess.run([*command, "add", "dev", "lo", "root", "netem"], capture_output=True, check=False)
    if tried.returncode == 0:
        subprocess.run([*command, "del", "dev", "lo", "root"], check=True)
    return tried.returncode == 0


class Wire:
    """Connects hosts to the node by cables with weather: `{"node": "10.72.0.1/16", "h0": "10.72.1.1/16"}`.

    The first of `addresses` is the node. `kind` says what does the work: `netem` or `emulator`.
    """

    def __init__(self, hosts: Hosts, addresses: Mapping[str, str], *, seed: int, kind: str = "") -> None:
        self._hosts, self._names = hosts, list(addresses)
        self.kind = kind or ("netem" if netem_available(hosts[self._names[0]]) else "emulator")
        self._relay: subprocess.Popen[str] | None = None
        if self.kind == "netem":
            hosts.bridge(addresses)
            return
        taps = [hosts[name].inside(lambda: tap("gd0")) for name in self._names]
        try:
            for name, address in addresses.items():
                hosts.address(name, address)
                # A relay that is off the processor for a moment must not lose what a real switch would keep.
                hosts.tune(name, "txqueuelen", "10000")
            command = [sys.executable, __file__, str(seed), *map(str, taps)]
            self._relay = subprocess.Popen(
                command, pass_fds=taps, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        finally:
            for descriptor in taps:
                os.close(descriptor)

    def set(self, weather: Weather) -> None:
        """Change the weather of every cable."""
        if self.kind == "emulator":
            self._ask({"weather": asdict(weather)})
            return
        for number, name in enumerate(self._names[1:], 1):
            for namespace, device in (
                (self._hosts[name].namespace, "gd0"),
                (self._hosts.middle, f"p{number}"),
            ):
                subprocess.run(
                    [
                        "tc",
                        "-n",
                        namespace,
                        "qdisc",
                        "replace",
                        "dev",
                        device,
                        "root",
                        "netem",
                        *weather.netem(),
                    ],
                    check=True,
                )

    def counts(self) -> dict[str, int]:
        """Frames carried, lost on purpose, and dropped because this program could not keep up. Empty with netem."""
        return self._ask({}) if self.kind == "emulator" else {}

    def _ask(self, command: dict[str, Any]) -> dict[str, int]:
        relay = self._relay
        if relay is None or relay.stdin is None or relay.stdout is None:
            raise RuntimeError("the wire is closed")
        relay.stdin.write(json.dumps(command) + "\n")
        relay.stdin.flush()
        return json.loads(relay.stdout.readline())  # type: ignore[no-any-return]

    @property
    def pids(self) -> list[int]:
        """The relay's process, to know what it costs; none with netem."""
        return [self._relay.pid] if self._relay else []

    def close(self) -> None:
        """End the relay; its devices go with it."""
        if self._relay:
            with contextlib.suppress(BrokenPipeError):
                self._relay.communicate(timeout=5)
            self._relay = None


if __name__ == "__main__":
    Relay([int(word) for word in sys.argv[2:]], int(sys.argv[1])).run(sys.stdin.fileno())
