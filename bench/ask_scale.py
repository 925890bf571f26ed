"""How long every kind of question takes over 100,000 subjects, and in how much memory.

The whole run is one process of two threads, as in a node: facts into memory, every kind asked, findings out. The
facts are drawn by chance; whether questions are right is measured by `ask_fleet`.

What was told over the API is read by a process beside it (`ask_told`): as many rows as may be kept.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ask_world import NOW, Fleet, fill
from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.world import World
from gadfly.config import Ask
from report import Report, arguments

MEMORY = "800MB"
"""What DuckDB may take; the rest of 1 GB is Python's."""


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("ask_scale", quick=args.quick)
    fleet = Fleet(0.02 if args.quick else 1.0)
    chosen = kinds.load()
    with TemporaryDirectory() as spill, World(memory=MEMORY, threads=2, spill=Path(spill)) as world:
        began = time.perf_counter()
        counts = fill(world, fleet)
        loaded = time.perf_counter() - began
        first = time.perf_counter()
        got = evaluate(world, chosen, NOW)
        took = time.perf_counter() - first
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = sorted(got.seconds.items(), key=lambda one: -one[1])[:12]
    found: dict[str, int] = {}
    for one in got.findings:
        found[one.kind] = found.get(one.kind, 0) + 1
    report.table(
        ("kind", "seconds", "findings"),
        [(name, seconds, found.get(name, 0)) for name, seconds in slowest],
        title=f"{fleet.subjects:,} subjects, {sum(counts.values()):,} rows, {len(chosen)} kinds: the slowest",
    )
    report.say(f"\nloaded in {loaded:.1f} s; {len(got.findings):,} findings")
    for name, words in got.trouble.items():
        report.say(f"{name} could not be asked: {words}")
    given = told(20_000 if args.quick else Ask().rows)
    report.say(
        f"{given['rows']:,} rows that were told over the API: read in {given['seconds']:.1f} s, "
        f"{given['megabytes']:.0f} MB at the highest ({given['before']:.0f} MB before)"
    )
    report.figures |= {
        "told_rows": given["rows"],
        "told_seconds": given["seconds"],
        "told_megabytes": given["megabytes"],
        "subjects": fleet.subjects,
        "rows": sum(counts.values()),
        "kinds": len(chosen),
        "findings": len(got.findings),
        "load_seconds": loaded,
    }
    if args.quick:
        report.say("A smoke run: too few subjects for the goals of time and memory.")
    else:
        report.at_least("subjects", 100_000, fleet.subjects, "")
        report.at_most("every kind evaluated", 60, took, "s")
        report.at_most("memory of the process at its highest", 1024, memory, "MB")
        report.at_most("memory while all that was told is read", 256, given["megabytes"], "MB")
    report.exactly("kinds that could not be asked", 0, len(got.trouble), "")
    report.finish()


def told(rows: int) -> dict[str, float]:
    """What the other process saw."""
    command = [sys.executable, str(Path(__file__).with_name("ask_told.py")), str(rows)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
