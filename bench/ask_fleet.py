"""Questions raised in a simulated company whose defects are known.

The company (`bench/fleet`) has some 500 components and 2,000 checks, watched by day after it has been recorded for
four months. Each of the 77 kinds of the catalogue has one seed (the defect) and one twin (which looks like it and
is all right) in it; everything else is clean. It is written from the catalogue and the documentation of the facts,
not from the queries. 20 companies of different seeds; each is evaluated once a day in its last weeks with teams
that answer. How each figure is measured:

* recall: share of the seeds of which a finding of that kind was there on as many daily evaluations in a row as
  the kind demands (two), before any budget. `asked` is the share that was really put to somebody within the budgets.
* twins: share of the twins of which there was no such finding.
* false: kinds on subjects found likewise, where the subject, its component and all parts of its name are none that
  anything was planted in, over the clean components' weeks that were watched. A list of ten counts ten times. What
  asks about an earlier question or decision of the run is as false as that one was: here no answer mends anything,
  so after each "changed" the evidence stands, and it is right to say so.
* days: median from birth (or the first day of the watch, when it was born before) to the day on which it could be
  asked.
* order: every seventh day all that is due is put in order as the life of questions does, in a book from which
  nothing was asked yet; nDCG@10 of that one list of the whole company, with gains 2^harm - 1, where a question is
  worth its gravest seed, and nothing if about a twin or a clean thing. A question of one kind about what another
  kind's defect altered is left out of the list: it may be right, and what it is worth is not known. Mean over days
  and companies; among the figures also that of each team's own list.
* week: the most questions that came to one team within any seven days, without those on safety that the catalogue
  lets go beyond the budget (one a day); with them it is among the figures.

With `--quick` one small company is watched in its last three days only: a defect that was over before (a gap of last
season, a silence that ended) is not seen any more, so its recall is a few hundredths lower, and few are really asked.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
from collections import Counter

from fleet.calendar import DAYS
from fleet.watched import Outcome, watch
from report import Report, arguments

SEEDS = 20
WATCH = 42
"""Days."""


def _one(task: tuple[int, int, int, bool]) -> Outcome:
    seed, components, days, files = task
    return watch(seed, components, days, files=files)


def _row(kind: str, outcomes: list[Outcome], days: int) -> tuple[object, ...]:
    of = len(outcomes)
    found = [outcome.first[kind, "seed"] for outcome in outcomes if (kind, "seed") in outcome.first]
    return (
        kind,
        f"{len(found)}/{of}",
        f"{sum((kind, 'twin') not in outcome.first for outcome in outcomes)}/{of}",
        f"{sum(kind in outcome.asked for outcome in outcomes)}/{of}",
        statistics.median(_delays(kind, outcomes, days)) if found else None,
        sum(one.kind == kind for outcome in outcomes for one in outcome.false),
    )


def _delays(kind: str, outcomes: list[Outcome], days: int) -> list[float]:
    delays = []
    for outcome in outcomes:
        born = next(one.born for one in outcome.defects if one.kind == kind and one.sort == "seed")
        if (kind, "seed") in outcome.first:
            delays.append(outcome.first[kind, "seed"] - max(born, DAYS - days))
    return delays


def _tell(report: Report, outcomes: list[Outcome], days: int) -> None:
    kinds = list(dict.fromkeys(one.kind for one in outcomes[0].defects))
    report.table(
        ("kind", "seeds found", "twins left alone", "asked", "days", "false"),
        [_row(kind, outcomes, days) for kind in kinds],
        title=f"{len(outcomes)} companies",
    )
    trouble = {kind: words for outcome in outcomes for kind, words in outcome.trouble.items()}
    if trouble:
        report.table(("kind that could not be asked", "why"), trouble.items())
    false = Counter((one.kind, one.subject[:60]) for outcome in outcomes for one in outcome.false)
    if false:
        report.table(
            ("false", "about", "times"),
            [(*key, count) for key, count in false.most_common(30)],
            title="False",
        )


def main() -> None:
    args = arguments(__doc__ or "")
    args.add_argument("--seeds", type=int, default=SEEDS, help="companies")
    args.add_argument("--first", type=int, default=1, help="seed of the first")
    args.add_argument("--days", type=int, default=WATCH, help="days that each is watched")
    given = args.parse_args()
    report = Report("ask_fleet", quick=given.quick)
    seeds, components, days = (1, 40, 3) if given.quick else (given.seeds, 300, given.days)
    tasks = [(given.first + i, components, days, i == 0) for i in range(seeds)]
    if seeds > 1:
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            outcomes = []
            for outcome in pool.imap(_one, tasks):
                outcomes.append(outcome)
                spent = ", ".join(f"{name} {took:.0f} s" for name, took in outcome.seconds.items())
                report.say(f"company {outcome.seed}: {spent}, {outcome.memory:.0f} MB")
    else:
        outcomes = [_one(task) for task in tasks]
    _tell(report, outcomes, days)
    _goals(report, outcomes, days)
    report.finish()


def _goals(report: Report, outcomes: list[Outcome], days: int) -> None:
    seeds = sum(one.sort == "seed" for outcome in outcomes for one in outcome.defects)
    found = sum(sort == "seed" for outcome in outcomes for _, sort in outcome.first)
    caught = sum(sort == "twin" for outcome in outcomes for _, sort in outcome.first)
    weeks = sum(outcome.weeks for outcome in outcomes)
    kinds = {one.kind for one in outcomes[0].defects}
    delays = [delay for kind in kinds for delay in _delays(kind, outcomes, days)]
    report.figures |= {
        "companies": len(outcomes),
        "kinds": len(kinds),
        "days": days,
        "asked_within_budget": sum(len(outcome.asked) for outcome in outcomes) / seeds,
        "days_from_birth": statistics.median(delays) if delays else None,
        "clean_component_weeks": weeks,
        "false": sum(len(outcome.false) for outcome in outcomes),
        "questions": sum(outcome.questions for outcome in outcomes),
        "week_with_safety_extras": max(outcome.week_all for outcome in outcomes),
        "ndcg_by_team": _mean([value for outcome in outcomes for value in outcome.team_ndcg]),
        "memory_mb": max(outcome.memory for outcome in outcomes),
    }
    report.table(("figure", "value"), report.figures.items(), title="Figures")
    report.at_least("recall of seeded defects", 0.95, found / seeds, "")
    report.at_least("twins left alone", 0.90, 1 - caught / seeds, "")
    false = 100 * report.figures["false"] / weeks if weeks else None
    report.at_most("false questions per 100 clean component-weeks", 0.5, false, "")
    report.at_least(
        "nDCG@10 of the order", 0.90, _mean([n for outcome in outcomes for n in outcome.ndcg]), ""
    )
    report.at_most("new questions a team a week", 5, max(outcome.week for outcome in outcomes), "")


def _mean(values: list[float]) -> float | None:
    sound = [value for value in values if value == value]
    return statistics.fmean(sound) if sound else None


if __name__ == "__main__":
    sys.exit(main())
