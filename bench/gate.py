"""The gate: no effect without an intent before it, no budget exceeded, and what a decision costs.

1. Randomised acts of a node's real engine, in real processes on real files, each life ended with SIGKILL at a step of
   its way; then every effect that an independent observer saw must have an intent in the ledger that was committed
   before it.
2. Two gates race for the same budgets; what the ledger says they used must never exceed them.
3. The processor time of one decision with 10,000 grants: reading, judging, appending and reserving, all that is done
   in the transaction but its commit.
4. How long a stop takes with 1,000 executors (`executors.py`).

The full run makes a million acts and takes about half an hour on two processors.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

import act_deaths
import act_race
import executors
from act_life import KEY, ORIGIN
from act_world import GROUPS, MEMBERS, START, policy, seed, sound
from gadfly.act.books import book
from gadfly.act.gate import decide
from gadfly.act.plan import Plan
from gadfly.ledger.log import Log
from gadfly.store.schema import migrate
from report import Report, arguments, quantile

GRANTS = 10_000
ACTS = 1_000_000


def lives(report: Report, quick: bool, acts: int) -> None:
    """Goal: 0 effects without a prior verified intent."""
    steps = act_deaths.survey()
    tally = act_deaths.Tally()
    wanted = 1_000 if quick else acts
    act_deaths.live_and_die(wanted, steps, 2.0 if quick else 1800.0, tally)
    statements = sum(name.startswith("sql: ") for name in steps)
    report.table(
        ("acts and deaths", "count"),
        [
            ("acts begun", tally.acts),
            ("lives", tally.lives),
            ("  killed at a named step", tally.killed.total()),
            ("  killed at a random moment", tally.at_random),
            ("  ended before the step came", tally.ended),
            ("  ended by an error of their own", tally.broken),
            ("named steps", len(steps)),
            ("  of which SQL statements", statements),
            ("  at which a life ended", len(tally.killed)),
            ("ledger entries, all replayed", tally.entries),
            ("intents", tally.intents),
            ("effects that the observer saw", tally.effects),
            ("  without an intent before them", tally.unexplained),
            ("  twice under one intent", tally.twice),
            ("intents and rows that do not match", tally.unmatched),
            ("problems in the ledgers", tally.problems),
            ("planted effects that the check missed", tally.planted),
        ],
    )
    if not quick:
        report.at_least("randomised acts", acts, tally.acts, "acts")
        report.exactly("steps at which no life was ended", 0, len(steps) - len(tally.killed), "steps")
    report.at_least("effects that were looked at", 1, tally.effects, "effects")
    report.exactly("effects without a prior verified intent", 0, tally.unexplained, "effects")
    report.exactly("effects twice under one intent", 0, tally.twice, "effects")
    report.exactly("intents without their row, or rows without their entry", 0, tally.unmatched, "")
    report.exactly("planted effects that the check missed", 0, tally.planted, "effects")
    report.exactly("lives that ended by an error of their own", 0, tally.broken, "lives")
    report.exactly("problems in the ledgers", 0, tally.problems, "")
    report.figures["lives"] = {
        "acts": tally.acts,
        "lives": tally.lives,
        "effects": tally.effects,
        "steps": steps,
    }


def races(report: Report, quick: bool) -> None:
    """Goal: budgets never exceeded."""
    found = act_race.race(2.0 if quick else 60.0)
    report.table(
        ("two gates on one file", "got"),
        [
            ("proposals", found.proposed),
            ("intents", found.intents),
            ("gates killed", found.killed),
            *((f"most used of the budget: {what}", f"{share:.0%}") for what, share in found.most.items()),
            ("times that a budget was exceeded", found.exceeded),
        ],
    )
    report.exactly("budgets exceeded by two gates", 0, found.exceeded, "times")
    report.exactly("gates that ended by an error of their own", 0, found.broken, "gates")
    if not quick:  # a budget that was never used up would not show that it holds
        report.at_least("the least contended budget was used up to", 0.99, min(found.most.values()), "of it")
    report.figures["race"] = found._asdict()


def processor(report: Report, quick: bool) -> None:
    """Goal: ≤ 0.5 ms of processor time beside the fsync, with 10,000 grants."""
    folder = Path(tempfile.mkdtemp(prefix="gadfly-cpu-"))
    rng, log = random.Random(5), Log(ORIGIN, KEY)
    count = 200 if quick else 5_000
    grants = policy(GRANTS - GROUPS - 1)
    spent: dict[str, list[float]] = {"allowed": [], "refused": [], "all": [], "judging": []}
    try:
        connection = sqlite3.connect(folder / "gadfly.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        seed(connection)
        connection.execute("COMMIT")
        now = START
        open_intents: list[int] = []
        for _ in range(count):
            now += rng.random() * 60
            first = rng.randrange(MEMBERS)
            scene = sound(
                now, rng.randrange(GROUPS), [(first + 4 * n) % MEMBERS for n in range(rng.choice((1, 1, 2)))]
            )
            seen = msgspec.structs.replace(scene.seen, policy=grants)
            connection.execute("BEGIN IMMEDIATE")
            began = time.thread_time()
            decision = book.propose(connection, log, scene.plan, seen)
            took = time.thread_time() - began
            connection.execute("COMMIT")
            spent["all"].append(took)
            spent["allowed" if decision.allowed else "refused"].append(took)
            began = time.thread_time()
            decide(_copy(scene.plan), seen)
            spent["judging"].append(time.thread_time() - began)
            if decision.intent is not None:
                open_intents.append(decision.intent.id)
            if len(open_intents) > 20:
                connection.execute("BEGIN IMMEDIATE")
                outcome = book.Outcome(state="verified", by="node", at=now)
                book.finish(connection, log, open_intents.pop(0), outcome)
                connection.execute("COMMIT")
        connection.close()
    finally:
        shutil.rmtree(folder)
    rows = []
    for what in ("all", "allowed", "refused", "judging"):
        took = [value * 1000 for value in spent[what]]
        mean = sum(took) / len(took) if took else float("nan")
        rows.append((what, len(took), mean, quantile(took, 0.5), quantile(took, 0.99)))
        report.figures[f"processor {what}"] = {"mean": mean, "p50": rows[-1][3], "p99": rows[-1][4]}
    report.table(
        ("a decision with 10,000 grants", "count", "mean ms", "p50 ms", "p99 ms"),
        rows,
        title="Processor time",
    )
    report.at_most("a decision beside its fsync, 10,000 grants, mean", 0.5, rows[0][2], "ms")
    report.at_most("an allowed one, p50", 0.5, rows[1][3], "ms")


def _copy(plan: Plan) -> Plan:
    return msgspec.structs.replace(plan)


def stops(report: Report, quick: bool) -> None:
    """Goal: stop ≤ 1 s with 1,000 executors."""
    got: dict[str, Any] = asyncio.run(executors.measure(quick))
    report.figures["stop"] = {name: value for name, value in got.items() if name != "cells"}
    executors.say(report, got)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument(
        "--acts", type=int, default=ACTS, help="how many randomised acts (default: a million)"
    )
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, and folders go
    report = Report("gate", quick=args.quick)
    lives(report, args.quick, args.acts)
    races(report, args.quick)
    processor(report, args.quick)
    stops(report, args.quick)
    report.finish()


if __name__ == "__main__":
    main()
