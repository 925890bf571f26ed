"""What calls functions: schedules across every change of the clock, webhooks under load, and sudden death.

    .venv/bin/python bench/triggers.py [--quick] [--only zones|deaths|nodes|webhooks]

Four parts. *Zones*: every zone of the machine, ten years of schedules, against an oracle that asks the C library for
offsets and shares no code with ours. *Deaths*: a process with schedules, webhooks, log streams and their queue is
killed (SIGKILL) at random moments, over and over; what is left is compared with what the sender, a log and the
oracle know. Faults are planted as well, to see that they are found. *Nodes*: the same with `gadfly up`, a deployed
function and its sandbox, some times. *Webhooks*: signed deliveries over HTTP at a fixed
rate, and how long each took until it was acknowledged, after the commit.
"""

from __future__ import annotations

import datetime as dt
import time
import zoneinfo
from collections import defaultdict
from itertools import takewhile

import numpy as np
from cronsim import CronSim

import triggers_deaths
import triggers_door
import triggers_node
import triggers_oracle as oracle
from gadfly.functions.trigger import cron
from report import Report, arguments, quantile

BEGIN = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp())
END = int(dt.datetime(2034, 1, 1, tzinfo=dt.UTC).timestamp())
WHOLE = ("30 2 * * *", "0 0 * * *", "15,45 1-3 * * 0", "0 0 1 * *", "5 9 * * 1-5", "0 */6 * * 6,0")
"""Each instant of the ten years."""
CLOSE = ("* * * * *", "*/15 * * * *", "30 * * * *", "0 */2 * * *", "*/20 0-3 * * *", "59 23 * * *")
"""Each instant within two days of every change of the clock."""
SOME = ("America/New_York", "Australia/Lord_Howe")
"""Zones of the short form."""
AROUND = 2 * 86_400
DEATHS = 1_000
NODES = 20
RATE = 500


def zones(report: Report, quick: bool) -> None:
    """Goal: no difference, in every zone."""
    names = sorted(zoneinfo.available_timezones())
    alike: dict[tuple[oracle.Span, ...], list[str]] = defaultdict(list)
    different = 0
    for name in SOME if quick else names:
        table = oracle.spans(name, BEGIN, END)
        alike[tuple(table)].append(name)
        zone = zoneinfo.ZoneInfo(name)
        for span in table:  # the same offsets, to the second, for each name by itself
            for at, offset in ((span.start, span.offset), (span.start + 3_600, span.offset)):
                found = dt.datetime.fromtimestamp(at, zone).utcoffset()
                different += found is None or found.total_seconds() != offset
    report.say(f"{sum(map(len, alike.values()))} zones, of which {len(alike)} differ within the ten years")
    walls = {fields: oracle.walls(fields, BEGIN, END) for fields in (*WHOLE, *CLOSE)}
    count = changes = alone = compared = 0
    wrong: list[str] = []
    began = time.monotonic()
    for table, members in alike.items():
        for fields in WHOLE:
            wanted = oracle.instants(fields, list(table), walls[fields], BEGIN, END).tolist()
            found = list(takewhile(lambda at: at <= END, cron.walk(cron.Cron(fields, members[0]), BEGIN)))
            count += len(wanted)
            if found != wanted:
                wrong.append(f"{members[0]}: {fields}")
        for span in table[1:]:
            if not BEGIN + AROUND < span.start < END - AROUND:
                continue
            changes += 1
            low, high = span.start - AROUND, span.start + AROUND
            for fields in CLOSE:
                shown = walls[fields]
                near = shown[np.searchsorted(shown, low - AROUND) : np.searchsorted(shown, high + AROUND)]
                wanted = oracle.instants(fields, list(table), near, low, high)
                found = list(
                    takewhile(lambda at, high=high: at <= high, cron.walk(cron.Cron(fields, members[0]), low))
                )
                count += len(wanted)
                if found != wanted.tolist():
                    wrong.append(f"{members[0]}: {fields} at {span.start}")
                if changes % 20 == 1:
                    compared += 1
                    alone += _alone(fields, members[0], low, high) != wanted.tolist()
    for words in wrong[:10]:
        report.say(f"  differs: {words}")
    report.table(
        ("zones", "rules", "changes", "instants", "differ", "s"),
        [
            (
                f"{sum(map(len, alike.values()))}",
                len(alike),
                changes,
                count,
                len(wrong),
                time.monotonic() - began,
            )
        ],
        title="Schedules against the oracle",
    )
    report.say(f"cronsim by itself, with the zone: {alone} of {compared} of these windows differ")
    report.peers["cronsim with the zone"] = {"windows": compared, "differ": alone}
    report.exactly("offsets that differ from the C library's", 0, different, "")
    report.exactly("schedules that differ from the oracle, every zone, ten years", 0, len(wrong), "")


def _alone(fields: str, zone: str, low: int, high: int) -> list[int]:
    """What cronsim says by itself."""
    found: list[int] = []
    for moment in CronSim(fields, dt.datetime.fromtimestamp(low, zoneinfo.ZoneInfo(zone))):
        if (at := int(moment.timestamp())) > high:
            break
        found.append(at)
    return found


def deaths(report: Report, quick: bool) -> None:
    """Goals: nothing lost, nothing doubled, nothing unexplained; and the check finds what is planted."""
    tally = triggers_deaths.Tally()
    lives = 12 if quick else DEATHS
    triggers_deaths.live_and_die(lives, 12.0 if quick else 1_200.0, tally)
    found = tally.found
    for words in found.words[:10]:
        report.say(f"  {words}")
    report.table(
        ("killed", "deliveries", "instants", "skipped", "lines", "calls", "tries", "cut off"),
        [
            (
                tally.killed, found.acknowledged, found.instants, found.skipped, found.lines, found.calls,
                found.tries, found.cut_off,
            )
        ],
        title="Lives ended by SIGKILL, and what they left",
    )  # fmt: skip
    report.at_least("lives that were killed", lives, tally.killed, "")
    report.exactly("accepted events lost", 0, found.lost, "")
    report.exactly("instants, lines and tries doubled", 0, found.doubled, "")
    report.exactly("instants and runs unexplained", 0, found.unexplained, "")
    report.exactly("lives that ended by an error of their own", 0, tally.broken, "")
    report.exactly("planted faults that were not found", 0, tally.planted, "")


def nodes(report: Report, quick: bool) -> None:
    """Goals: the same, with a whole node and its sandbox."""
    found = triggers_node.kill_nodes(1 if quick else NODES)
    for words in found.words[:10]:
        report.say(f"  {words}")
    report.table(
        ("nodes killed", "templates killed", "deliveries", "instants", "calls", "tried again"),
        [
            (
                str(found.nodes), found.templates, found.acknowledged, found.instants, found.calls, found.again,
            )
        ],
        title="A whole node, ended by SIGKILL while it calls",
    )  # fmt: skip
    report.exactly("a whole node: accepted deliveries lost", 0, found.lost, "")
    report.exactly("a whole node: calls that were made on after they were done", 0, found.doubled, "")
    report.exactly("a whole node: instants and calls unexplained", 0, found.unexplained, "")


def webhooks(report: Report, quick: bool) -> None:
    """Goal: p99 ≤ 5 ms at 500 a second."""
    found = triggers_door.paced(RATE, 2.0 if quick else 20.0)
    rows = [
        (name, len(values), *(quantile(values, q) * 1e3 for q in (0.5, 0.9, 0.99, 0.999)), max(values) * 1e3)
        for name, values in (
            (f"acknowledged, {RATE} a second", found.waits),
            ("a bare fsync of 4 KB", found.syncs),
        )
    ]
    report.table(("ms", "count", "p50", "p90", "p99", "p99.9", "max"), rows, title="Webhooks over HTTP")
    report.say(f"processor time a delivery, its empty call included: {found.cpu * 1e3:.2f} ms")
    report.peers["bare fsync"] = {"p50_ms": rows[1][2], "p99_ms": rows[1][4]}
    report.at_most("webhook acknowledged after fsync, 500 a second, p99", 5.0, rows[0][4], "ms")
    report.exactly("deliveries refused", 0, found.refused, "")
    sent = int(RATE * ((2.0 if quick else 20.0) + triggers_door.WARM))
    report.exactly("deliveries that are not on disk", 0, sent - found.kept, "")
    report.exactly("SQLite's synchronous (2: FULL)", 2, found.synchronous, "")


PARTS = {"zones": zones, "deaths": deaths, "nodes": nodes, "webhooks": webhooks}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--only", choices=PARTS, help="one part")
    chosen = parser.parse_args()
    report = Report("triggers", quick=chosen.quick)
    for name, part in PARTS.items():
        if chosen.only in (None, name):
            part(report, chosen.quick)
    report.finish()


if __name__ == "__main__":
    main()
