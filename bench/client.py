"""What the client costs: milliseconds to import, CPU to beat. `--quick` for a smoke run."""

from __future__ import annotations

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import time

from gadfly.instrument.pulse import Pulse

CARD = {"name": "bench", "kind": "service", "host": "localhost", "pid": 1, "owner": "bench"}
STATEMENTS = ("from gadfly import Heart", "import gadfly.instrument")


def import_ms(statement: str, rounds: int) -> float:
    """The median of what `-X importtime` adds up for the statement's own modules, those of the start-up left out."""
    return statistics.median([_importtime(statement) for _ in range(rounds)])


def _importtime(statement: str) -> float:
    program = f"import sys; sys.stderr.write('begin\\n'); {statement}"
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], capture_output=True, text=True, check=True
    )
    lines = re.findall(r"import time:\s+(\d+) \|", run.stderr.split("begin\n", 1)[1])
    return sum(int(microseconds) for microseconds in lines) / 1000


def beating_cpu_ms(rounds: int) -> float:
    """CPU milliseconds from nothing imported to a beating heart: what the first `start()` costs a program."""
    program = (
        "import time; before = time.process_time()\n"
        "from gadfly import Heart\n"
        "heart = Heart('bench', to='127.0.0.1:9').start()\n"
        "while heart.beats < 1: time.sleep(0.0005)\n"
        "print((time.process_time() - before) * 1000); heart.stop()"
    )
    command = [sys.executable, "-c", program]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(rounds)]
    return statistics.median([float(run) for run in runs])


def started_ms(rounds: int) -> float:
    """How much longer an interpreter lives that imports Heart than one that does nothing: the median difference."""
    return statistics.median([_lived("from gadfly import Heart") - _lived("pass") for _ in range(rounds)])


def _lived(program: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return (time.perf_counter() - start) * 1000


def beat_cpu_ms(secret: bytes | None, beats: int) -> float:
    """CPU milliseconds, system time included, for 1,000 beats made and sent to loopback (one in 20 an announce)."""
    pulse = Pulse(CARD, 1.0, secret, time.time_ns())
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        sender.setblocking(False)
        address = receiver.getsockname()
        start = time.process_time()
        for _ in range(beats):
            sender.sendto(pulse.beat(time.time_ns(), "pass"), address)
        return (time.process_time() - start) / beats * 1_000_000


def thread_cpu_ms(key: str | None, seconds: float) -> float:
    """CPU milliseconds for 1,000 beats of a whole heart, its thread's waking included, beating each 10 ms."""
    program = f"""
import time
from gadfly import Heart
heart = Heart('bench', 0.01, to='127.0.0.1:9', key={key!r}).start()
time.sleep(0.2)
before, beats = time.process_time(), heart.beats
time.sleep({seconds})
print((time.process_time() - before) / (heart.beats - beats) * 1e6)
heart.stop()
"""
    return float(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    )


def main() -> None:
    """Measure, print a table, then one JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    quick = options.parse_args().quick
    rounds, beats, seconds = (5, 2_000, 1.0) if quick else (31, 50_000, 5.0)
    imports = {statement: import_ms(statement, rounds) for statement in STATEMENTS}
    figures = {f"importtime: {statement}": (ms, "ms") for statement, ms in imports.items()}
    figures["an interpreter's life with the import, less one without"] = (started_ms(rounds), "ms")
    figures["import, start and first beat"] = (beating_cpu_ms(rounds), "ms CPU")
    for name, key in (("without a key", None), ("with a key", "correct horse battery")):
        secret = key.encode() if key else None
        figures[f"1,000 beats made and sent, {name}"] = (beat_cpu_ms(secret, beats), "ms CPU")
        figures[f"1,000 beats of a heart's thread, {name}"] = (thread_cpu_ms(key, seconds), "ms CPU")
    for name, (got, unit) in figures.items():
        print(f"{name:<62} {got:9.3f} {unit}")
    goals = [
        {"name": statement, "goal": "< 15", "got": round(ms, 3), "unit": "ms", "met": ms < 15}
        for statement, ms in imports.items()
    ]
    print(json.dumps({"bench": "client", "quick": quick, "goals": goals, "peers": {}, "figures": {
        name: round(got, 3) for name, (got, _) in figures.items()}}))  # fmt: skip


if __name__ == "__main__":
    main()
