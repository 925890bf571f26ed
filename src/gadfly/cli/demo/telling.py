"""How the demo tells its story: one line an event, in the order in which they happened."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gadfly.cli.demo.events import Event
from gadfly.cli.terminal import clean, cut, pad

WELL = ("healthy", "left", "undeclared")
NEUTRAL = ("unknown", "deed")
WORD = 10
INDENT = 24
"""Cells before the text: the time, the verdict and what is between."""

Paint = Callable[[str, str], str]


@dataclass
class Breakage:
    """One thing broken on purpose: when, and what came of it. Times are wall seconds."""

    component: str
    deed: str
    at: float
    known: float | None = None
    verdict: str = ""
    told: float | None = None
    mended: float | None = None
    well: float | None = None
    closed: bool = False
    """Whether its recovery was told."""


def attribute(event: Event, breakages: Sequence[Breakage]) -> Breakage | None:
    """The breakage that explains an event: the last one of its component that began before it."""
    found = [b for b in breakages if b.component == event.component and b.at <= event.at]
    return found[-1] if found else None


def note(event: Event, breakage: Breakage) -> None:
    """Write down what an event says about the breakage that explains it; the first of each kind counts."""
    ill = event.what not in (*WELL, *NEUTRAL, "told", "told well")
    if ill and breakage.known is None and breakage.mended is None:
        breakage.known, breakage.verdict = event.at, event.what
    elif event.what == "told" and breakage.told is None:
        breakage.told = event.at
    elif event.what == "told well":
        breakage.closed = True
    elif event.what in WELL and breakage.mended is not None and breakage.well is None:
        breakage.well = event.at


def line(event: Event, since: float, total: int, paint: Paint) -> str:
    """`  +0.61 s  down       checkout — its port refused the enquiry`. A verdict's reason is told whole."""
    at, words, room = paint(stamp(event.at - since), "dim"), clean(event.words), total - INDENT
    if event.what == "deed":
        return f"{at}  {paint(words, 'dim')}"
    if event.what in ("told", "told well"):
        text = words if event.what == "told" else f"{event.component} is well again"
        return f"{at}  {paint(pad('told', WORD), 'strong')} {cut(text, room)}"
    text = f"{event.component} — {words}" if words else event.component
    first, *more = textwrap.wrap(text, room)
    lines = [f"{at}  {paint(pad(event.what, WORD), event.what)} {first}"]
    return "\n".join(lines + [" " * INDENT + one for one in more])


def stamp(seconds: float) -> str:
    """Always as wide: `  +0.61 s`."""
    return f"{f'+{max(0.0, seconds):.2f} s':>11}"


def heading(number: int, title: str, command: str, total: int, paint: Paint) -> str:
    """`1  A service is killed                      kill -9 4711`"""
    left = f"{number}  {title}"
    room = max(2, total - len(left) - len(command))
    return f"{paint(left, 'strong')}{' ' * room}{paint(command, 'link')}"


def summary(breakages: Sequence[Breakage], false_alarms: int, paint: Paint) -> list[str]:
    """The table at the end, and whether anything was said that was not so."""
    head = f"  {'':<10}{'what was done to it':<28}{'verdict':<10}{'known':>9}{'told':>9}{'well':>9}"
    out = [paint(head, "dim")]
    for b in breakages:
        times = (_span(b.known, b.at), _span(b.told, b.at), _span(b.well, b.mended))
        figures = "".join(f"{text:>9}" for text in times)
        out.append(
            f"  {b.component:<10}{b.deed:<28}{paint(pad(b.verdict or 'unseen', 10), b.verdict)}{figures}"
        )
    alarms = "no false alarm" if not false_alarms else f"{false_alarms} false alarms"
    out += [
        "",
        f"  {paint(alarms, 'healthy' if not false_alarms else 'down')}; times are seconds from the deed, "
        "and from the mending to well",
    ]
    return out


def _span(end: float | None, start: float | None) -> str:
    if end is None or start is None:
        return "–"
    seconds = max(0.0, end - start)
    return f"{seconds:.2f} s" if seconds >= 0.095 else f"{seconds * 1000:.0f} ms"
