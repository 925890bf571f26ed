"""Incidents that happened, tried again: does the gate bound the harm, and which guard is it that does?

A fleet of 1,000 simulated components stands before the real gate: every plan is proposed in a real store with a
real ledger, every permission is signed and verified, every outcome is measured by another than the actor. Each
scenario has one or more ways in which its actor tries; each way is played

- guarded: all guards in force; the harm must be at most 1 % of what it was then, or none where it is irreversible;
- without the guard that the way names, alone: a figure, no goal, since guards overlap on purpose;
- without that guard (and without those that would hold the harm in its place: the column
  "left out"): at least half of the harm must come back;
- with that guard alone put in again: the harm must be bounded again;
- hindered: a slow and failing ledger, clocks 5 s ahead and behind, an absent approver, a gate that dies with an act
  in progress, all at once; afterwards an ordinary act must be done within a day.

Then every way that can be asked of a node (an automation, its targets, what the API takes) is asked of the node's own
engine: there nothing but the picture, the clock and the action is simulated. Where the harm does not come back without
the guards, the stages and the measure of the engine hold it. Then the ten attacks on the ledger, and a thousand
legitimate acts. Whether the questions that each scenario names
had been open a week before is what `ask_incidents.py` looks at.

`--quick` hinders each scenario by everything at once only, takes guards out only in the first way of each, and
has 200 legitimate acts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from gadfly.act.guard import GUARDS
from report import Report, arguments
from scenario import play as playing
from scenario import twins
from scenario.attack import attacks, attempt
from scenario.engine import EngineWorld, Inexpressible
from scenario.play import SLACK, Played
from scenario.scenario import Scenario, Way, scenarios
from scenario.trouble import ALL, TROUBLES, Trouble

COLUMNS = ("scenario, way", "variant", "harm", "bound", "verdict", "s to stop", "left out")
PACES = (0.5, 0.25)


class Tally:
    """How many of how many hold, by what is wanted."""

    def __init__(self) -> None:
        self.held: dict[str, list[bool]] = {}
        self.first: dict[str, tuple[str, float, bool]] = {}
        """By way: the named guard, the harm with it alone left out, and whether that is the harm come back."""

    def note(self, what: str, holds: bool) -> str:
        """Count it; the verdict in a word."""
        self.held.setdefault(what, []).append(holds)
        return "held" if holds else "MISSED"

    def share(self, what: str) -> float | None:
        """The part that holds, in percent; None where nothing was tried."""
        found = self.held.get(what)
        return 100.0 * sum(found) / len(found) if found else None


def guarded(name: str, scenario: Scenario, way: Way, tally: Tally) -> tuple[list[object], Played]:
    """One row, and what was played."""
    found = playing.play(scenario, way, after=True)
    verdict = tally.note("guarded", found.harm <= scenario.bound + SLACK)
    tally.note("stopped", found.stopped <= scenario.budget)
    tally.note("on", found.goes_on)
    return [name, "guarded", found.harm, f"≤ {scenario.bound:g}", verdict, found.stopped, ""], found


def ablated(name: str, scenario: Scenario, way: Way, tally: Tally, quick: bool) -> Iterable[list[object]]:
    """Three rows: without the guard alone, without it and those beside it, and with it again."""
    found = playing.prove(scenario, way, quick=quick)
    bound = scenario.bound if way.alone is None else way.alone
    verdict = "back" if found.without >= scenario.returned - SLACK else "NOT BACK"
    tally.note("returned", verdict == "back")
    beside = ", ".join(found.beside)
    tally.first[name] = (way.guard, found.first, found.first >= scenario.returned - SLACK)
    yield [
        name,
        f"{way.guard} alone off",
        found.first,
        "",
        "back" if tally.first[name][2] else "held",
        None,
        "",
    ]
    yield [name, f"without {way.guard}", found.without, f"≥ {scenario.returned:g}", verdict, None, beside]
    verdict = tally.note("alone", found.only <= bound + SLACK)
    yield [name, f"with {way.guard} again", found.only, f"≤ {bound:g}", verdict, None, beside]


def hindered(
    name: str, scenario: Scenario, way: Way, tally: Tally, troubles: Mapping[str, Trouble]
) -> Iterable[list[object]]:
    """A row for each trouble in which something did not hold; else one for the worst of them."""
    rows = []
    for trouble, one in troubles.items():
        found = playing.play(scenario, way, trouble=one, after=True)
        verdict = tally.note("hindered", found.harm <= scenario.bound + SLACK)
        tally.note("on", found.goes_on)
        tally.note("receipts", not found.broken)
        words = verdict if found.goes_on else f"{verdict}, STUCK"
        rows.append(
            [name, f"hindered: {trouble}", found.harm, f"≤ {scenario.bound:g}", words, found.stopped, ""]
        )
    missed = [row for row in rows if row[4] != "held"]
    return missed or [max(rows, key=lambda row: float(str(row[2])))]


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    logging.getLogger("gadfly").setLevel(logging.CRITICAL)  # what the attacks raise is counted here, not told
    report, tally = Report("scenarios", quick=asked.quick), Tally()
    troubles = {"everything at once": ALL} if asked.quick else {**TROUBLES, "everything at once": ALL}
    rows: list[list[object]] = []
    proven: set[str] = set()
    figures: dict[str, dict[str, float]] = {}
    slowest = 0.0
    for scenario in scenarios().values():
        for number, way in enumerate(scenario.ways):
            name = f"{scenario.name} {way.play.__name__.replace('_', ' ')}"
            row, found = guarded(name, scenario, way, tally)
            rows.append(row)
            slowest = max(slowest, found.stopped / scenario.budget)
            worst = figures.setdefault(
                scenario.name, {"harm": 0.0, "bound": scenario.bound, "seconds to stop": 0.0}
            )
            worst["harm"] = max(worst["harm"], found.harm)
            worst["seconds to stop"] = max(worst["seconds to stop"], found.stopped)
            for _ in range(len(found.receipts) - found.broken):
                tally.note("receipts", True)
            for _ in range(found.broken):
                tally.note("receipts", False)
            if number == 0 or not asked.quick:
                taken = list(ablated(name, scenario, way, tally, asked.quick))
                rows += taken
                if [one[4] for one in taken[1:]] == ["back", "held"]:
                    proven.add(way.guard)
                rows += hindered(name, scenario, way, tally, troubles)
    report.table(COLUMNS, rows, title="Incidents")
    units = [(one.name, one.title, one.historic, one.unit) for one in scenarios().values()]
    report.table(("scenario", "what happened", "harm then", "unit of harm"), units, title="What harm is")
    engine(report, tally, asked.quick)
    attacked(report, tally)
    share = legitimate(report, 200 if asked.quick else 1000)
    if not asked.quick:
        for pace in PACES:
            report.figures[f"held at the first try at {1 / pace:g} times the pace allowed"] = hurried(pace)
    report.figures["guarded, worst way"] = figures
    alone = sum(back for _, _, back in tally.first.values())
    incidents = {name.partition(" ")[0] for name in tally.first}
    single = sorted({name.partition(" ")[0] for name, (_, _, back) in tally.first.items() if back})
    report.say(
        f"\nwith the named guard alone left out the harm is back in {alone} of {len(tally.first)} ways, which are "
        f"of {len(single)} of {len(incidents)} incidents; in the others further guards hold it, too"
    )
    report.figures["named guard alone off"] = {
        "ways": len(tally.first),
        "harm is back": alone,
        "incidents with such a way": single,
        "by way": {name: {"guard": one[0], "harm": one[1]} for name, one in tally.first.items()},
    }
    report.figures["guards proven by an incident"] = sorted(proven & set(GUARDS))
    report.figures["questions open beforehand"] = "not scored: nothing asks questions yet"
    wanted = {
        "guarded": "guarded: harm within the bound",
        "returned": "guard taken out: harm is back",
        "alone": "guard put in again: harm within the bound",
        "hindered": "hindered: harm within the bound",
        "engine": "the same by the node's own engine: harm within the bound",
        "on": "ordinary acts go on afterwards",
        "receipts": "proofs of decisions that verify offline",
        "attacks": "attacks on the ledger detected",
        "bare": "attacks without their detector: not noticed",
        "control": "unharmed ledgers without an alarm",
    }
    for what, words in wanted.items():
        report.exactly(words, 100.0, tally.share(what), "%")
    report.at_most("first harm to last, slowest", 1.0, slowest, "budget units")
    report.at_most("legitimate acts stopped", 0.5, 100 * share, "%")
    if not asked.quick:
        missing = set(GUARDS) - proven
        report.exactly("guards that no incident proves", 0, len(missing), "guards")
    report.finish()


def engine(report: Report, tally: Tally, quick: bool) -> None:
    """The ways that can be asked of a node, asked of its own engine."""
    rows: list[list[object]] = []
    asked = back = tried = 0
    unasked: list[str] = []
    for scenario in scenarios().values():
        for number, way in enumerate(scenario.ways[:1] if quick else scenario.ways):
            name = f"{scenario.name} {way.play.__name__.replace('_', ' ')}"
            try:
                found = playing.play(scenario, way, kind=EngineWorld)
            except Inexpressible:
                unasked.append(name)
                continue
            asked += 1
            verdict = tally.note("engine", found.harm <= scenario.bound + SLACK)
            rows.append([name, "guarded", found.harm, f"≤ {scenario.bound:g}", verdict, found.stopped, ""])
            if quick or number or way.guard not in GUARDS:
                continue
            proof = playing.prove(scenario, way, kind=EngineWorld)
            tried += 1
            back += (returns := proof.without >= scenario.returned - SLACK)
            words = "back" if returns else "held by the stages"
            left = ", ".join(proof.beside)
            rows.append(
                [name, f"without {way.guard}", proof.without, f"{scenario.returned:g}", words, None, left]
            )
    report.table(COLUMNS, rows, title="The same through the node's own engine")
    report.say(f"\n{asked} ways were asked of the engine; {len(unasked)} cannot be asked of a node at all")
    report.figures["engine"] = {
        "ways": asked,
        "cannot be asked": unasked,
        "guards left out": tried,
        "back": back,
    }


def attacked(report: Report, tally: Tally) -> None:
    """The ledger's table."""
    rows = []
    for name, attack in attacks().items():
        found = attempt(attack)
        tally.note("attacks", found.detected == found.tried)
        tally.note("control", found.control)
        tally.note("bare", found.returned)
        without = f"{found.bare - found.unnoticed}/{found.bare}"
        rows.append((f"{name} {attack.title}", f"{found.detected}/{found.tried}", without, attack.by))
    report.table(("attack", "detected", "without its detector", "by"), rows, title="Attacks on the ledger")


def legitimate(report: Report, acts: int) -> float:
    """The share of legitimate acts that was stopped."""
    with playing.folder() as state:
        told = twins.play(Path(state), acts, seed=1)
    report.say(f"\n{told.acts} legitimate acts, {told.stopped} stopped")
    for words, count in sorted(told.by.items()):
        report.say(f"  {count} × {words}")
    return told.share


def hurried(pace: float) -> float:
    """The same acts in less time than the limits allow: the share held at its first try, in percent."""
    with playing.folder() as state:
        return 100 * twins.play(Path(state), 1000, seed=1, pace=pace).share


if __name__ == "__main__":
    main()
