"""Incidents that happened: would a question have been asked a week before?

Each of 18 incidents is told as the facts that its operators would have had on record a week before, from the public
account alone (`bench/incidents`), amid an ordinary company of 36 components. The last days before are gone through
as a node would have: two sightings, quiet hours, budgets, and the order by expected learning. Named are the
questions that should have been there, as stated for each incident before any of this was written.

* asked before: share of the incidents of which at least one named question about the things of the incident was put
  to its owner by then; `found` are those that were found on as many days as the kind demands.
  Where such a question leans on something that the account does not tell outright, that is printed;
  `found_on_what_is_told` is how many are left without those.
* the control: the same records after the company had put right what was assumed. There none of the named questions
  may be found on those things; else the first figure would say nothing. It is asked nothing else, so that
  nothing crowds them out.
* around: what was found of the 36 components that nothing is wrong with.

Nobody answers here. `--quick` goes through two days instead of five and asks the named kinds only.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

import incidents.deletions
import incidents.partitions
import incidents.reach  # noqa: F401  # these enter the incidents
from gadfly.ask import kinds as asking
from gadfly.ask.facts import TABLES
from gadfly.ask.kind import Kind
from gadfly.ask.life import Book
from gadfly.ask.replay import replay
from gadfly.ask.world import World
from incidents.company import COUNT, company
from incidents.incident import INCIDENTS, Incident
from incidents.state import DAY, LOOK, State
from report import Report, arguments


class Seen(NamedTuple):
    """What the days before brought."""

    found: set[tuple[str, str]]
    """Kind and subject, found on as many days in a row as the kind demands, also on the last."""
    asked: set[tuple[str, str]]
    """Put to somebody."""
    trouble: dict[str, str]


class Judged(NamedTuple):
    """The same, sorted by what it is about."""

    found: list[str]
    """Named kinds about the incident's things, as Q39 radius-creep."""
    asked: list[str]
    others: list[str]
    """Other kinds about them."""
    around: list[tuple[str, str]]
    trouble: dict[str, str]


def look(world: World, kinds: dict[str, Kind], days: int) -> Seen:
    """Goes through the days up to the look."""
    last = int(LOOK // DAY)
    book, row, trouble = Book(), Counter[tuple[str, str]](), {}
    for day in replay(world, kinds, last - days + 1, last, book=book):
        here = {(one.kind, one.subject) for one in day.evaluation.findings}
        row = Counter({key: row[key] + 1 for key in here})
        trouble |= day.evaluation.trouble
    asked = {(one.kind, subject) for one in book.questions.values() for subject in one.subjects}
    return Seen({key for key, times in row.items() if times >= kinds[key[0]].sightings}, asked, trouble)


def judge(seen: Seen, state: State, incident: Incident, kinds: dict[str, Kind]) -> Judged:
    """What it is about is told by the names on record in the incident, whole and between other characters."""
    parts = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(state.names)) or "$^"
    )

    def about(subject: str) -> bool:
        return parts.search(subject) is not None

    def shown(keys: set[tuple[str, str]], wanted: bool) -> list[str]:
        held = {(kinds[kind].number, kind) for kind, subject in keys if about(subject)}
        return [
            f"Q{number:02} {kind}" for number, kind in sorted(held) if (number in incident.asked) == wanted
        ]

    around = sorted(key for key in seen.found | seen.asked if not about(key[1]))
    return Judged(shown(seen.found, True), shown(seen.asked, True), shown(seen.found | seen.asked, False),
                  around, seen.trouble)  # fmt: skip


def play(world: World, incident: Incident, kinds: dict[str, Kind], days: int, *, mended: bool) -> Judged:
    """Lays the incident's records over those of the company, and looks."""
    state = incident.state(mended=mended)
    for table in TABLES:
        world.lay(table, state.columns(table))
    return judge(look(world, kinds, days), state, incident, kinds)


def named(incident: Incident, kinds: dict[str, Kind]) -> dict[str, Kind]:
    """The kinds that should have asked before it."""
    return {name: kind for name, kind in kinds.items() if kind.number in incident.asked}


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("ask_incidents", quick=args.quick)
    days = 2 if args.quick else 5
    kinds = asking.load()
    before: dict[str, Judged] = {}
    after: dict[str, Judged] = {}
    with World() as world:
        around = company()
        for table in TABLES:
            world.add(table, around.columns(table))
        for name, incident in sorted(INCIDENTS.items()):
            few = named(incident, kinds)
            before[name] = play(world, incident, few if args.quick else kinds, days, mended=False)
            after[name] = play(world, incident, few, days, mended=True)
            _tell(report, incident, before[name], after[name])
    _goals(report, before, after)
    report.finish()


def _tell(report: Report, incident: Incident, before: Judged, after: Judged) -> None:
    wanted = " ".join(f"Q{number:02}" for number in incident.asked)
    report.say(f"\n{incident.name}  {incident.title}  (named: {wanted})")
    for words, rows in (
        ("asked", before.asked),
        ("found, not asked yet", [one for one in before.found if one not in before.asked]),
        ("others about its things", before.others),
        ("STILL FOUND when put right", after.found),
    ):
        if rows:
            report.say(f"    {words}: {', '.join(rows)}")
    if not before.found:
        report.say("    NONE of those named")
    if incident.leans_on:
        report.say(f"    not told, but follows: {incident.leans_on}")


def _goals(report: Report, before: dict[str, Judged], after: dict[str, Judged]) -> None:
    runs = [*before.values(), *after.values()]
    around = Counter(key for one in runs for key in one.around)
    if around:
        rows = [(kind, subject[:60], times) for (kind, subject), times in around.most_common(20)]
        report.table(("kind", "about", "times"), rows, title=f"Found of the {COUNT} clean components")
    trouble = {kind: words for one in runs for kind, words in one.trouble.items()}
    if trouble:
        report.table(("kind that could not be asked", "why"), trouble.items())
    of = len(INCIDENTS)
    report.figures |= {
        "incidents": of,
        "found": sum(bool(one.found) for one in before.values()),
        "found_on_what_is_told": sum(
            bool(one.found) and not INCIDENTS[name].leans_on for name, one in before.items()
        ),
        "asked": {name: one.asked for name, one in before.items()},
        "found_around": sum(around.values()),
        "kinds_in_trouble": len(trouble),
    }
    asked = sum(bool(one.asked) for one in before.values())
    report.at_least("incidents asked about a week before", 0.8, asked / of, "")
    silent = sum(not (one.found or one.asked) for one in after.values())
    report.at_least("silent when put right", 0.9, silent / of, "")


if __name__ == "__main__":
    main()
