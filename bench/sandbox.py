"""The sandbox: what handlers try and must not get, each beside a proof that it works outside of a cell.

1. Every attempt of `attempts/` is made outside, as root where this is root, and then in cells: as this user and
   as an ordinary one, in tier A and in tier B. Where it succeeds in a cell, the sandbox is broken.
2. Every abuse of `abuses.py`: of the supervisor, the broker, the log, limits, and what loads a function's code.
3. Calls of the kernel at random from inside of cells; the supervisor must live, and its next call be answered.
4. How late a call is killed that does not end by itself.
5. How many calls of the kernel a handler can reach.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import abuses
from cages import Cage, settings, tried
from gadfly.functions.sandbox import calls
from gadfly.functions.sandbox.supervisor import Cell, Limits
from report import Report, arguments, quantile

ATTEMPTS = Path(__file__).with_name("attempts")
LEAST = 100
FUZZED = 1_000_000
BURST = 4_000
"""Calls of one invocation of the fuzzer, where it lives that long."""
LATE = 50.0
SECONDS = 0.3


def outside() -> dict[tuple[str, str], list[str]]:
    """What each attempt gets without a sandbox."""
    program = [sys.executable, "-B", str(ATTEMPTS / "attempt.py")]
    run = subprocess.run(program, capture_output=True, text=True, timeout=300, check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("[")]
    return {(family, name): said for family, name, *said in lines}


def attempts(names: Collection[tuple[str, str]]) -> Any:
    """A trial: family, name and how it ended, of each of these attempts, in a cell."""

    async def trial(cage: Cage) -> list[list[str]]:
        module = "attempt"
        found = []
        cell = await cage.cell(ATTEMPTS, module, Limits(seconds=20.0, memory=128 << 20))
        for family, name in names:
            if family != "endless":
                found.append(await _attempt(cell, family, name))
                if cell.closed:
                    cell = await cage.cell(ATTEMPTS, module, Limits(seconds=20.0, memory=128 << 20))
        cell.close()
        # What only waits for its end may wait together.
        cell = await cage.cell(ATTEMPTS, module, Limits(seconds=0.3, memory=128 << 20, at_once=8))
        endless = [one for one in names if one[0] == "endless"]
        found += await asyncio.gather(*(_attempt(cell, *one) for one in endless))
        cell.close()
        return found

    return trial


async def _attempt(cell: Cell, family: str, name: str) -> list[str]:
    answer = await cell.call({"family": family, "name": name}, abuses.CONTEXT, abuses.denying)
    if cell.closed:
        return [family, name, "done", "the cell was ended with it"]
    if not answer.value:
        return [family, name, "ended", answer.ended or str(answer.error)]
    how, what = answer.value
    missing = what.startswith(("ModuleNotFoundError", "ImportError"))
    return [family, name, "untried" if missing else how, what]


def abused(quick: bool) -> Any:
    """A trial: abuse to "held" or what happened. `quick`: without those that wait for a limit of seconds."""

    async def trial(cage: Cage) -> dict[str, str]:
        names = [name for name in abuses.ALL if not (quick and name in abuses.LONG)]
        return {name: await _abuse(cage, name) for name in names}

    return trial


async def _abuse(cage: Cage, name: str) -> str:
    try:
        found = "held" if await abuses.ALL[name](cage.make) else "did not hold"
    except Exception as error:
        found = f"{type(error).__name__}: {error}"[:200]
    cell = await cage.make(abuses.GOOD, Limits(seconds=5))
    if (await cell.call("well", abuses.CONTEXT, abuses.denying)).value != "well":
        found = "the next function was not answered"
    cell.close()
    return found


def fuzzed(wanted: int) -> Any:
    """A trial that makes so many calls at random, a bound of time beside it."""

    async def trial(cage: Cage) -> dict[str, Any]:
        limits = Limits(seconds=1.5, memory=128 << 20, cpu=5)
        cell = await cage.cell(ATTEMPTS, "fuzz", limits)
        made = ended = invocations = cells = 0
        until = time.monotonic() + 20 + wanted / 4_000
        while made < wanted and time.monotonic() < until:
            event = {"seed": invocations, "count": BURST}
            answer = await cell.call(event, abuses.CONTEXT, abuses.denying)
            invocations += 1
            made += answer.value or answer.log.count(b".") * 200
            ended += bool(answer.ended)
            if cell.closed:
                cells += 1
                cell = await cage.cell(ATTEMPTS, "fuzz", limits)
        last = await cell.call({"seed": 0, "count": 0}, abuses.CONTEXT, abuses.denying)
        cell.close()
        return {
            "made": made,
            "invocations": invocations,
            "ended": ended,
            "cells": cells,
            "lives": last.value == 0,
        }

    return trial


def lateness(rounds: int) -> Any:
    """A trial: how many milliseconds after its limit each of these calls was dead."""

    async def trial(cage: Cage) -> list[float]:
        late = []
        for event in ("spin", "sleep"):
            cell = await cage.make(
                "import time\ndef handler(event, context):\n    while event == 'spin': pass\n    time.sleep(100)\n",
                Limits(seconds=SECONDS),
            )
            for _ in range(rounds):
                begun = time.monotonic()
                await cell.call(event, abuses.CONTEXT, abuses.denying)
                late.append((time.monotonic() - begun - SECONDS) * 1000)
            cell.close()
        return late

    return trial


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--fuzz", type=int, default=FUZZED, help="calls of the fuzzer in all")
    args = parser.parse_args()
    report = Report("sandbox", quick=args.quick)
    places = settings()
    tried_in = places[:2] if args.quick else places
    if len(places) < 4:
        report.say("To try an ordinary user as well, run this as root.")

    bites = outside()
    bitten = {one for one, said in bites.items() if said[0] == "done"}
    rows: list[tuple[object, ...]] = []
    broken: list[tuple[str, ...]] = []
    untried: list[str] = []
    for place in tried_in:
        found = tried(place, attempts(bites))
        through = [one for one in found if one[2] == "done"]
        untried += [f"{place.name}: {family}.{name}" for family, name, how, _ in found if how == "untried"]
        broken += [(place.name, *one) for one in through]
        rows.append((place.name, len(found), len(found) - len(through), len(through)))
    report.table(("attempts", "made", "refused", "got through"), rows)
    report.say(
        f"Outside {len(bitten)} of {len(bites)} succeed; not here: "
        + (", ".join(f"{f}.{n}" for f, n in sorted(set(bites) - bitten)) or "none")
    )
    for one in broken:
        report.say(f"  BROKEN: {one}")
    for words in untried:
        report.say(f"  not tried, a module is not there: {words}")

    rows = []
    unheld: list[tuple[str, str, str]] = []
    for place in tried_in:
        held = tried(place, abused(args.quick))
        bad = {name: words for name, words in held.items() if words != "held"}
        unheld += [(place.name, name, words) for name, words in bad.items()]
        rows.append((place.name, len(held), len(held) - len(bad), len(bad)))
    report.table(("abuses", "tried", "held", "not"), rows)
    for three in unheld:
        report.say(f"  BROKEN: {three}")

    rows = []
    made, lives = 0, True
    fuzz = (10_000 if args.quick else args.fuzz) // len(tried_in)
    for place in tried_in:
        got = tried(place, fuzzed(fuzz))
        made += got["made"]
        lives = lives and got["lives"]
        rows.append((place.name, got["made"], got["invocations"], got["ended"], got["cells"], got["lives"]))
    report.table(("calls at random", "made", "invocations", "ended", "new cells", "next is answered"), rows)

    late = [ms for place in tried_in for ms in tried(place, lateness(2 if args.quick else 15))]
    report.table(("killed after its limit", "ms"), [("p50", quantile(late, 0.5)), ("latest", max(late))])

    report.figures |= {
        "attempts": len(bites),
        "bite outside": len(bitten),
        "settings": len(tried_in),
        "running as": os.geteuid(),
    }
    report.at_least("attempts that bite outside", LEAST, len(bitten), "attempts")
    report.exactly("attempts that get through in a cell", 0, len(broken), "attempts")
    report.exactly("abuses that do not hold", 0, len(unheld), "abuses")
    report.at_least("calls at random", fuzz * len(tried_in), made, "calls")
    report.exactly("supervisors that did not answer afterwards", 0, 0 if lives else 1, "")
    report.at_most("killed after its limit, latest", LATE, max(late), "ms")
    report.at_most("calls of the kernel in reach", 90, calls.reachable(), "calls")
    report.finish()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
