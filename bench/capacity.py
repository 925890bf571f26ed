"""Are disks that fill foreseen, in time, and without crying wolf?

Simulated disks (disks.py) of six regimes. Each hour, after four weeks of nothing but listening, gadfly tells of
each disk how likely it is to be full within 18 h; from even odds on that is an alarm. Three rules that are in
wide use see the same samples, each at every sample (disk_rules.py).

An alarm is true if its disk is full within 48 h of its beginning. A fill is found if a true alarm began before
it, and its lead is the time since the first such alarm began. Being full ends an alarm, and one that still
stands an hour after room was made begins anew; interruptions of less than an hour do not end an alarm. The
goals leave the step jobs out, as no past tells of them; the table shows them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from disk_rules import RULES
from disks import DAY, MONDAY, REGIMES, STEP, Disks, simulate
from gadfly.predict.alarm import stands
from gadfly.predict.capacity import Hours, foresee
from report import Report, arguments, quantile

HOUR = 3600 // STEP
LISTENED = 28
"""Days before the first judgement."""
ACT = 18 * 3600.0
"""The time to act, in seconds: what is asked is the chance of being full within it. Half as long again as the
owner needs, so that most alarms leave those 12 hours: half of what is even odds to come within a time comes
sooner."""
CHANCE = 0.5
"""From which it is an alarm: the default of a `[prediction.NAME]` table."""
TRUE_WITHIN = 48 * HOUR
PROMISED = 18 * HOUR
MERGED = HOUR


@dataclass
class Score:
    """Alarms and fills of some disks."""

    true: int = 0
    false: int = 0
    strict: int = 0
    """Alarms after which the disk was full within :data:`PROMISED`."""
    fills: int = 0
    found: int = 0
    days: float = 0.0
    leads: list[float] = field(default_factory=list)
    """Hours."""

    @property
    def precision(self) -> float:
        return self.true / (self.true + self.false) if self.true + self.false else float("nan")

    @property
    def recall(self) -> float:
        return self.found / self.fills if self.fills else float("nan")

    @property
    def false_per_100(self) -> float:
        return 100 * self.false / self.days if self.days else float("nan")

    @property
    def lead(self) -> float:
        return quantile(self.leads, 0.5)

    def row(self, name: str) -> tuple[object, ...]:
        """A line of the table."""
        alarms = self.true + self.false
        strict = self.strict / alarms if alarms else float("nan")
        return (name, self.fills, alarms, self.precision, strict, self.recall, self.lead, self.false_per_100)

    def figures(self) -> dict[str, float]:
        """For machines."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "lead_hours": self.lead,
            "false_per_100_disk_days": self.false_per_100,
        }


def score(disks: Disks, firing: np.ndarray, first: int, chosen: np.ndarray) -> Score:
    """`firing` [disks, points]; judged from point `first` on, on the disks chosen."""
    result = Score()
    last = firing.shape[1] - TRUE_WITHIN
    fills = disks.fills()
    for disk in np.flatnonzero(chosen):
        begins = _begins(firing[disk, first:], disks.free[disk, first:] <= 0) + first
        begins = begins[begins < last]
        full = fills[disk]
        result.days += (last - first) / DAY
        for begin in begins:
            after = full[full > begin]
            near = after[0] - begin if len(after) else TRUE_WITHIN + 1
            result.true += near <= TRUE_WITHIN
            result.false += near > TRUE_WITHIN
            result.strict += near <= PROMISED
        # A fill soon after the beginning could not have been told in time by anybody.
        for moment in full[(full >= first + TRUE_WITHIN) & (full < last)]:
            told = begins[(begins < moment) & (begins >= moment - TRUE_WITHIN)]
            result.fills += 1
            result.found += len(told) > 0
            if len(told):
                result.leads.append((moment - told[0]) / HOUR)
    return result


def _begins(firing: np.ndarray, full: np.ndarray) -> np.ndarray:
    """Where alarms begin, short interruptions left out, and none while the disk is full or was within the hour
    (gadfly is asked once an hour here, so it cannot know sooner)."""
    point = np.arange(len(full))
    since = point - np.maximum.accumulate(np.where(full, point, -MERGED - 2))
    on = np.flatnonzero(firing & (since > MERGED))
    apart = np.diff(on, prepend=-MERGED - 2) > MERGED
    filled = np.diff(np.cumsum(full)[on], prepend=0) > 0
    return on[apart | filled]


def judged(disks: Disks, first: int) -> tuple[np.ndarray, np.ndarray]:
    """[disks, points] whether gadfly alarms; and [disks, hours] what it told."""
    count, points = disks.free.shape
    hours = Hours()
    hours.grow(np.zeros(count, dtype=bool))
    number = np.arange(count)
    firing = np.zeros((count, points), dtype=bool)
    standing = np.zeros(count, dtype=bool)
    limit = np.zeros(count)
    told = []
    for begin in range(0, points - HOUR + 1, HOUR):
        block = slice(begin, begin + HOUR)
        # Judged at the last sample of the block, by what was there then.
        now = float(disks.at[begin + HOUR - 1])
        hours.take(
            np.tile(number, HOUR), np.repeat(disks.at[block], count), disks.free[:, block].T.ravel(), now=now
        )
        if begin + HOUR - 1 < first:
            continue
        chances = foresee(hours.levels(limit, now=now)).probability(ACT)
        told.append(chances)
        pairs = zip(chances.tolist(), standing.tolist(), strict=True)
        standing = np.array([stands(p, CHANCE, stood=stood) for p, stood in pairs])
        firing[:, begin + HOUR - 1 : begin + 2 * HOUR - 1] = standing[:, None]
    return firing, np.array(told).T


def brier(disks: Disks, told: np.ndarray, first: int, chosen: np.ndarray) -> tuple[float, float]:
    """The mean squared error of what was told each hour, and that of always telling the share that came true.

    Only hours with a chance, in which the disk is not full.
    """
    at = first + HOUR - 1 - (first % HOUR) + HOUR * np.arange(told.shape[1])
    errors, outcomes = [], []
    fills = disks.fills()
    for disk in np.flatnonzero(chosen):
        inside = (at < disks.free.shape[1] - PROMISED) & ~np.isnan(told[disk])
        inside &= disks.free[disk, np.minimum(at, disks.free.shape[1] - 1)] > 0
        moments = at[inside]
        following = np.searchsorted(fills[disk], moments, side="right")
        next_fill = np.append(fills[disk], 10**9)[following]
        came = (next_fill - moments <= PROMISED).astype(float)
        errors.append((told[disk, inside] - came) ** 2)
        outcomes.append(came)
    outcome = np.concatenate(outcomes)
    return float(np.mean(np.concatenate(errors))), float(np.var(outcome))


def cost(disks: Disks, series: int) -> tuple[float, float]:
    """CPU seconds of one judgement of so many series of four weeks, and the share of a core every 5 minutes."""
    copies = -(-series // len(disks.free))
    hours = Hours()
    hours.grow(np.zeros(series, dtype=bool))
    number = np.arange(series)
    end = len(disks.at)
    for begin in range(end - LISTENED * DAY, end, HOUR):
        # Two samples an hour: the table of hours is the same size, whatever the samples' distance.
        for point in (begin, begin + HOUR - 1):
            free = np.tile(disks.free[:, point], copies)[:series]
            hours.take(number, np.full(series, disks.at[point]), free, now=float(disks.at[point]))
    now = float(disks.at[-1]) + 300
    started = time.process_time()
    hours.take(number, np.full(series, now), free, now=now)
    foresee(hours.levels(np.zeros(series), now=now)).probability(ACT)
    spent = time.process_time() - started
    return spent, spent / 300.0


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--disks", type=int, default=40, help="of each regime")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=71)
    args = parser.parse_args()
    report = Report("capacity", quick=args.quick)
    count, days = (6, 42) if args.quick else (args.disks, args.days)
    disks = simulate(args.seed, count, days)
    first = LISTENED * DAY
    foreseen = disks.regime != "step"
    started = time.process_time()
    firing, told = judged(disks, first)
    report.say(
        f"{len(disks.free)} disks, {days} days from {time.strftime('%Y-%m-%d', time.gmtime(MONDAY))}, "
        f"judged from day {LISTENED} on; {time.process_time() - started:.0f} s of CPU\n"
    )
    columns = ("", "fills", "alarms", "precision", "in 18 h", "recall", "lead h", "false/100 d")
    rows = [score(disks, firing, first, disks.regime == name).row(f"gadfly, {name}") for name in REGIMES]
    ours = score(disks, firing, first, foreseen)
    rows.append(ours.row("gadfly, all but step"))
    for name, rule in RULES.items():
        theirs = score(disks, rule(disks.free, disks.size), first, foreseen)
        rows.append(theirs.row(f"{name}, all but step"))
        report.peers[name] = theirs.figures()
    report.table(columns, rows, title="Alarms and fills")
    error, naive = brier(disks, told, first, foreseen)
    spent, share = cost(disks, 1_000 if args.quick else 10_000)
    report.table(
        ("", ""),
        [
            ("Brier score of 'full within 18 h'", error),
            ("Brier score of always telling the share", naive),
            ("CPU seconds for one judgement of all", spent),
        ],
    )
    report.figures = {**ours.figures(), "brier": error, "brier_naive": naive, "judgement_cpu_seconds": spent}
    report.at_least("precision", 0.8, ours.precision, "")
    report.at_least("recall", 0.9, ours.recall, "")
    report.at_least("median lead", 12, ours.lead, "h")
    report.at_most("false alarms per 100 disk-days", 0.5, ours.false_per_100, "")
    report.at_most("share of a core, all judged each 5 min", 0.1, share, "")
    report.finish()


if __name__ == "__main__":
    main()
