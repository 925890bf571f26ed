"""How many authenticated beats a node hears, at what cost, beside collectd's network plugin in the same run.

A million components at 10 s, every one announced once, in a namespace of this script's own. The node is the real one
(`gadfly up`), its ear the process it started. Then both receivers are flooded with their own signed packets and
compared by packets taken per CPU second.

    python bench/beats.py [--quick] [--components N] [--seconds S]
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import usage
from namespaces import Host, Hosts
from node import Node
from report import Report, arguments

INTERVAL = 10
COLLECTD_PORT = 25826
HOSTS = 20_000


class Sender:
    """The process of `beat_sender.py`."""

    def __init__(self, host: Host, count: int, secret: str, port: int = 7170) -> None:
        self._process = host.start(
            [
                sys.executable, str(Path(__file__).with_name("beat_sender.py")),
                "127.0.0.1", str(port), str(count), str(INTERVAL * 1000),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._say(secret)
        self._read()

    def prepare(self, rounds: int, rate: float, announce: bool = False) -> None:
        """Have it make the frames; sending begins when this returns."""
        self._say(json.dumps({"rounds": rounds, "rate": rate, "announce": announce}))
        self._read()

    def result(self) -> dict[str, float]:
        """Wait until everything was sent."""
        return self._read()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)

    def _say(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the sender ended")
        return json.loads(line)


def ear_of(node: Node) -> int:
    """The process id of the node's ear."""
    for pid in node.pids:
        if b"gadfly.monitor.ear" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise RuntimeError("the node has no ear")


def dropped(host: Host, port: int) -> int:
    """Datagrams that the kernel dropped at the sockets of this port, by /proc/net/udp."""

    def read() -> str:
        # /proc/net is that of the thread which looks, so not /proc/self/net
        return Path("/proc/thread-self/net/udp").read_text()

    total = 0
    for line in host.inside(read).splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port:
            total += int(fields[-1])
    return total


def counter(node: Node, name: str) -> float:
    """One of the ear's counters, from /metrics."""
    found = [value for key, value in node.metrics().items() if name in key and "ear" in key]
    if not found:
        raise RuntimeError(f"/metrics has no ear counter {name}")
    return sum(found)


def settle(read: Any, seconds: float = 20.0) -> float:
    """Wait until a counter no longer grows."""
    last, deadline = read(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = read()
        if now == last:
            return now
        last = now
    return last


def steady(report: Report, host: Host, node: Node, sender: Sender, count: int, seconds: int) -> None:
    """The load of the issue: everyone each 10 s, the first round announced."""
    rounds, rate = max(1, seconds // INTERVAL), count / INTERVAL
    ear = ear_of(node)
    sender.prepare(rounds, rate, announce=True)
    before, cpu, started = counter(node, "accepted"), usage.cpu_seconds([ear]), time.monotonic()
    node_cpu = usage.cpu_seconds([node.process.pid])
    result = sender.result()
    elapsed = time.monotonic() - started
    ear_cpu = usage.cpu_seconds([ear]) - cpu
    node_cpu = usage.cpu_seconds([node.process.pid]) - node_cpu
    accepted = settle(lambda: counter(node, "accepted")) - before
    memory = usage.proportional_bytes(node.pids)
    ear_memory = usage.proportional_bytes([ear])
    core = ear_cpu / elapsed
    report.table(
        ("steady", ""),
        [
            ("components", count),
            ("beats sent", int(result["sent"])),
            ("beats a second", result["sent"] / result["seconds"]),
            ("sender behind its pace at most, s", result["behind"]),
            ("lost", int(result["sent"] - accepted)),
            ("of these dropped by the kernel", dropped(host, 7170)),
            ("ear, cores", core),
            ("node, cores", node_cpu / elapsed),
            ("ear, MB (PSS)", ear_memory / 1e6),
            ("node and ear, MB (PSS)", memory / 1e6),
        ],
        title=f"{count:,} components at {INTERVAL} s for {elapsed:.0f} s, signed, all announced once",
    )
    report.figures |= {"node core": node_cpu / elapsed, "ear MB": ear_memory / 1e6}
    report.exactly("beats lost", 0, result["sent"] - accepted, "beats")
    report.at_most("ear", 0.6, core, "core")
    report.at_most("node and ear", 800, memory / 1e6, "MB")


def peak(report: Report, node: Node, sender: Sender, rounds: int) -> float:
    """As fast as the sender can; what the ear takes per CPU second."""
    ear = ear_of(node)
    sender.prepare(rounds, 0)
    before, cpu = counter(node, "accepted"), usage.cpu_seconds([ear])
    result = sender.result()
    accepted = settle(lambda: counter(node, "accepted")) - before
    used = usage.cpu_seconds([ear]) - cpu
    report.figures["peak sent a second"] = result["sent"] / result["seconds"]
    return accepted / used if used > 0.05 else float("nan")


def collectd_packets(count: int, user: str, password: str) -> list[bytes]:
    """Signed packets of collectd's binary protocol, one value list each, from HOSTS hosts in turn."""

    def text(kind: int, value: str) -> bytes:
        raw = value.encode() + b"\0"
        return struct.pack("!HH", kind, 4 + len(raw)) + raw

    # Many hosts, because collectd's five write threads overtake each other and an older value is an error.
    packets, start = [], int(time.time())
    for number in range(count):
        moment = (start + INTERVAL * (number // HOSTS)) << 30
        body = text(0, f"bench-{number % HOSTS:05d}.example")
        body += struct.pack("!HHQ", 8, 12, moment) + struct.pack("!HHQ", 9, 12, INTERVAL << 30)
        body += text(2, "load") + text(4, "gauge")
        body += struct.pack("!HHHB", 6, 15, 1, 1) + struct.pack("<d", 1.0)
        signature = hmac.new(password.encode(), user.encode() + body, hashlib.sha256).digest()
        packets.append(struct.pack("!HH", 0x0200, 36 + len(user)) + signature + user.encode() + body)
    return packets


def collectd(report: Report, host: Host, folder: Path, packets: int) -> float:
    """Packets per CPU second of a real collectd daemon that verifies signatures."""
    if not shutil.which("collectd"):
        report.peers["collectd"] = {"missing": "install Debian's collectd-core"}
        return float("nan")
    password = secrets.token_hex(16)
    (folder / "auth").write_text(f"bench: {password}\n")
    (folder / "collectd.conf").write_text(
        f"""Hostname "bench"
BaseDir "{folder}"
PIDFile "{folder}/pid"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval 3600
LoadPlugin network
<Plugin network>
  <Listen "127.0.0.1" "{COLLECTD_PORT}">
    SecurityLevel "Sign"
    AuthFile "{folder}/auth"
  </Listen>
  ReportStats false
</Plugin>
PostCacheChain "Nowhere"
<Chain "Nowhere">
  Target "stop"
</Chain>
"""
    )
    log = (folder / "collectd.log").open("wb")
    process = host.start(
        [shutil.which("collectd"), "-f", "-C", str(folder / "collectd.conf")],
        stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    made = host.inside(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    try:
        time.sleep(1.5)
        if process.poll() is not None:
            raise RuntimeError(f"collectd ended: {(folder / 'collectd.log').read_text()[-1000:]}")
        made.connect(("127.0.0.1", COLLECTD_PORT))
        ready = collectd_packets(packets, "bench", password)
        lost, cpu = dropped(host, COLLECTD_PORT), usage.cpu_seconds([process.pid])
        started = time.monotonic()
        for place, packet in enumerate(ready):
            made.send(packet)
            if place % 32 == 31:  # its socket has the kernel's default buffer; what it cannot take is counted
                ahead = place / 40_000 - (time.monotonic() - started)
                if ahead > 0.001:
                    time.sleep(ahead)
        seconds = time.monotonic() - started
        time.sleep(1.0)
        used = usage.cpu_seconds([process.pid]) - cpu
        taken = packets - (dropped(host, COLLECTD_PORT) - lost)
        report.peers["collectd"] = {
            "version": _version(), "sent": packets, "taken": taken, "cpu seconds": used,
            "sent a second": packets / seconds, "log": (folder / "collectd.log").read_text()[-300:],
        }  # fmt: skip
        return taken / used if used > 0.05 else float("nan")
    finally:
        made.close()
        process.terminate()
        process.wait(10)
        log.close()


def _version() -> str:
    said = subprocess.run(
        [shutil.which("collectd"), "-h"], capture_output=True, text=True, check=False
    ).stdout
    return next(
        (line.split(",")[0].strip() for line in said.splitlines() if line.startswith("collectd ")), ""
    )


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--components", type=int)
    parser.add_argument("--seconds", type=int)
    options = parser.parse_args()
    count = options.components or (50_000 if options.quick else 1_000_000)
    seconds = options.seconds or (10 if options.quick else 60)
    report = Report("beats", quick=options.quick)
    secret = secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix=f"gadfly-beats-{os.getpid()}-"))
    key = folder / "key"
    key.write_text(secret)
    key.chmod(0o600)
    try:
        with Hosts() as hosts:
            host = hosts.add("node")
            node = Node(host, f'[heartbeat]\nkeys = ["file:{key}"]\ngroups = []\n', preset="local")
            try:
                node.start()
                sender = Sender(host, count, secret)
                steady(report, host, node, sender, count, seconds)
                ours = peak(report, node, sender, 1 if options.quick else 4)
                sender.close()
            finally:
                node.close()
            theirs = collectd(report, host, folder, 50_000 if options.quick else 400_000)
        report.table(
            ("receiver", "signed packets per CPU second"),
            [("gadfly's ear", ours), ("collectd network plugin", theirs)],
            title="Peak",
        )
        report.figures["packets per CPU second"] = ours
        report.peers.setdefault("collectd", {})["packets per CPU second"] = theirs
        report.at_least("packets per CPU second beside collectd", 5.0, ours / theirs, "times")
        report.finish()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
