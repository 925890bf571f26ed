"""Post-conditions: what must hold after an act, as the node measures it. Pure.

::

    component alive within 30s                    a word of liveness
    component healthy for 20s within 2m           a verdict, held for a while
    component restarted within 1m                 another run than before the act
    component unharmed within 1m                  it works, if it worked before the act
    probe http:front passes within 1m             one of the component's probes
    group healthy >= 90% within 2m                members of the target's group; a share, or a number

Clauses are joined by ``and``; all must hold at one moment. Time is counted from the end of the effect, and
only what was seen after it counts: a beat that was on its way, or a probe of before, proves nothing. What is
not shown to hold in time has failed, also where nobody could look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from gadfly import duration
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.reconcile import Asked
from gadfly.monitor.verdict import Verdict

LONGEST = 3600.0
"""Seconds for which anything is waited: after an hour nobody knows what brought it about."""
CLAUSES = 8
GONE = frozenset({"silent", "left", "never", "down", "missing", "zombie"})
"""Words that need no fresh beat: they say that none comes."""

WORKING = (Verdict.healthy, Verdict.undeclared, Verdict.degraded)
"""Verdicts of what does its work; a degraded one still does."""

_OF_ACTS = frozenset({"restarted", "unharmed"})
"""Words that compare a component with how it was before the act."""
_WORDS = frozenset(Liveness.__members__) | frozenset(Verdict.__members__)
_TIMES = r"(?: for (?P<hold>\S+))? within (?P<within>\S+)"
_FORMS = tuple(
    re.compile(form + _TIMES)
    for form in (
        r"component (?P<word>[a-z]+)",
        r"probe (?P<probe>\S+) (?P<word>passes)",
        r"group (?P<word>[a-z]+) >= (?P<count>\d{1,7})(?P<share>%?)",
    )
)


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. Seconds are counted from the end of the effect."""

    about: str
    """`component`, `probe` or `group`."""
    word: str = ""
    probe: str = ""
    count: float = 0.0
    """Members of the group, or their share (0 to 1) where `share`."""
    share: bool = False
    hold: float = 0.0
    within: float


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One component as the picture has it. Monotonic seconds."""

    verdict: Verdict
    liveness: Liveness
    incarnation: int = 0
    """Of the run that is heard; 0 where none was."""
    heard: float = float("-inf")
    """When the last beat or reply came."""
    probes: tuple[Asked, ...] = ()
    reason: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured at one moment."""

    component: Seen | None = None
    """None: nobody knows it."""
    group: tuple[Seen, ...] = ()
    """The members of its group, itself included."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """The effect that the facts are weighed against."""

    ended: float
    """Monotonic seconds."""
    incarnation: int = 0
    """The run that was heard before it."""
    well: bool = True
    """Whether it worked before."""


class Standing(StrEnum):
    """Where a watch stands."""

    waiting = "waiting"
    met = "met"
    failed = "failed"


class Judgement(NamedTuple):
    """The standing, and what was seen, in words."""

    standing: Standing
    words: str


def parse(text: str) -> tuple[Clause, ...]:
    """Read a post-condition. ValueError for whoever wrote it."""
    clauses = tuple(_clause(part) for part in text.strip().split(" and "))
    if len(clauses) > CLAUSES:
        raise ValueError(f"{len(clauses)} clauses; at most {CLAUSES} are taken")
    return clauses


def undone(text: str) -> str:
    """What is expected of the rollback of an act that expected this: what worked before the act works again,
    in the same time. What the act was to bring about is no measure of taking it back."""
    return f"component unharmed within {duration.format(longest(parse(text)))}"


def longest(clauses: Sequence[Clause]) -> float:
    """Seconds after which nothing more is waited for."""
    return max(clause.within for clause in clauses)


def _clause(text: str) -> Clause:
    written = " ".join(text.split())
    found = next((match for form in _FORMS if (match := form.fullmatch(written))), None)
    if found is None:
        raise ValueError(
            f'"{written[:80]}" is no post-condition; write "component alive within 30s", '
            '"probe NAME passes within 1m" or "group healthy >= 90% within 2m"'
        )
    part = found.groupdict(default="")
    about = written.partition(" ")[0]
    words = _WORDS | _OF_ACTS if about == "component" else _WORDS
    if about in ("component", "group") and part["word"] not in words:
        raise ValueError(
            f'"{part["word"]}" is not how a component can be; known are {", ".join(sorted(words))}'
        )
    within, hold = duration.parse(part["within"]), duration.parse(part["hold"]) if part["hold"] else 0.0
    if not 0 < within <= LONGEST or hold >= within:
        raise ValueError(f'"{written[:80]}": it is waited for up to an hour, and held for less than that')
    count = float(part.get("count") or 0)
    share = bool(part.get("share"))
    if about == "group" and (not count or (share and count > 100)):
        raise ValueError(f'"{written[:80]}": a number from 1, or a share up to 100%')
    return Clause(
        about=about,
        word=part["word"],
        probe=part.get("probe", ""),
        count=count / 100 if share else count,
        share=share,
        hold=hold,
        within=within,
    )


class Watch:
    """Looks again and again until every clause holds at one moment, or time is over."""

    def __init__(self, clauses: Sequence[Clause], mark: Mark) -> None:
        self._clauses = clauses
        self._mark = mark
        self._since: dict[int, float] = {}
        """By clause: since when it holds without a break."""

    def look(self, facts: Facts, now: float) -> Judgement:
        """Where it stands at `now`, monotonic seconds."""
        words: list[str] = []
        waiting = over = False
        for number, clause in enumerate(self._clauses):
            good, seen = holds(clause, facts, self._mark)
            since = self._since.setdefault(number, now) if good else now
            if not good:
                self._since.pop(number, None)
            words.append(seen)
            waiting |= not good or now - since < clause.hold
            # What began to hold too late, or when nobody looked, was not shown to hold in time.
            over |= since + clause.hold > self._mark.ended + clause.within
        said = "; ".join(words)
        if over:
            return Judgement(Standing.failed, said)
        return Judgement(Standing.waiting if waiting else Standing.met, said)


def holds(clause: Clause, facts: Facts, mark: Mark) -> tuple[bool, str]:
    """Whether the clause holds by these facts, and what they are in words."""
    return _HOLDS[clause.about](clause, facts, mark)


def _component(clause: Clause, facts: Facts, mark: Mark) -> tuple[bool, str]:
    seen = facts.component
    if seen is None:
        return False, "the component is not known any more"
    if clause.word == "restarted":
        fresh = seen.heard > mark.ended and seen.incarnation not in (0, mark.incarnation)
        return fresh, "it runs anew" if fresh else "it is still the run of before, or none"
    if clause.word == "unharmed":
        return _unharmed(seen, mark)
    if not _is(seen, clause.word):
        return False, f"it is {seen.liveness.name} and {seen.verdict.name}" + _because(seen)
    if not _fresh(seen, clause.word, mark):
        return False, f"nothing was seen of it since the act (it was {seen.verdict.name} before)"
    return True, f"it is {clause.word}"


def _unharmed(seen: Seen, mark: Mark) -> tuple[bool, str]:
    if not mark.well:
        return True, "it did not work before either"
    if seen.verdict not in WORKING:
        return False, f"it worked before, and is {seen.verdict.name}" + _because(seen)
    if not _fresh(seen, seen.verdict.name, mark):
        return False, "nothing was seen of it since the act (it worked before)"
    return True, f"it works as before: it is {seen.verdict.name}"


def _probe(clause: Clause, facts: Facts, mark: Mark) -> tuple[bool, str]:
    seen = facts.component
    asked = next((one for one in seen.probes if one.name == clause.probe), None) if seen else None
    if asked is None:
        return False, f"probe {clause.probe} has found nothing yet"
    if asked.moment <= mark.ended:
        return False, f"probe {clause.probe} has not been asked since the act"
    good = asked.outcome is Outcome.passing
    return good, f"probe {clause.probe} {'passes' if good else asked.reason or asked.outcome.name}"


def _group(clause: Clause, facts: Facts, mark: Mark) -> tuple[bool, str]:
    members = [one for one in facts.group if one.liveness is not Liveness.left or clause.word == "left"]
    good = sum(_is(one, clause.word) and _fresh(one, clause.word, mark) for one in members)
    wanted = clause.count * len(members) if clause.share else clause.count
    return bool(members) and good >= wanted, f"{good} of {len(members)} in its group are {clause.word}"


_HOLDS: Mapping[str, Callable[[Clause, Facts, Mark], tuple[bool, str]]] = {
    "component": _component,
    "probe": _probe,
    "group": _group,
}


def _is(seen: Seen, word: str) -> bool:
    """`left` is both a liveness and a verdict; either will do."""
    return word in (seen.liveness.name, seen.verdict.name)


def _fresh(seen: Seen, word: str, mark: Mark) -> bool:
    """Whether every witness that speaks for the word spoke after the act."""
    if word in GONE:
        return True
    if word in Liveness.__members__:
        return seen.heard > mark.ended
    beats = seen.liveness is not Liveness.never
    if not beats and not seen.probes:
        return False
    return (not beats or seen.heard > mark.ended) and all(one.moment > mark.ended for one in seen.probes)


def _because(seen: Seen) -> str:
    return f": {seen.reason}" if seen.reason else ""
