"""What the alerts of an incident have in common, and what that makes their likely cause. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from gadfly.alert.reported import KIND
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

Key = tuple[str, str]
"""`("upon", name)`: is, runs on or needs this component; `("alert", name)`: was reported under this name;
`("group", name)`; `("subnet", network)`."""
ORDER = {"upon": 3, "alert": 2, "group": 1, "subnet": 0}
"""The likelier cause has the higher number."""

MOST = 0.8
"""The part of the alerts that must share a key for it to be the cause. Not all: in every large failure some
stray alert has a reason of its own."""


class Cause(msgspec.Struct, frozen=True):
    """`kind`: component, upon, alert, group, subnet, everything, or labels (grouped as a route asks)."""

    kind: str
    name: str = ""


def keys(subject: Subject, above: Iterable[str]) -> Iterator[Key]:
    """What could be the reason that this component is not well. `above`: all that it runs on and needs."""
    yield "upon", subject.name
    for name in above:
        yield "upon", name
    if subject.kind == KIND:
        yield "alert", subject.labels.get("alertname", "")
    if subject.group:
        yield "group", subject.group
    # All of loopback is one machine; to share it says nothing.
    if subject.subnet and not subject.subnet.startswith(("127.", "::1")):
        yield "subnet", subject.subnet


def likely(size: int, tally: Mapping[Key, int], rank: Callable[[str], int], only: str = "") -> Cause:
    """The cause of `size` alerts of which `tally` counts the keys.

    `rank` tells of a component whether it is itself alerting (1), and with nothing gone above it (2), or not
    (0). `only` is the component's name where there is one alert.
    """
    if size == 1:
        return Cause("component", only)
    needed = MOST * size
    shared = [(kind, name, count) for (kind, name), count in tally.items() if count >= needed and count > 1]
    if not shared:
        return Cause("everything")
    kind, name, _ = max(
        shared, key=lambda one: (ORDER[one[0]], rank(one[1]) if one[0] == "upon" else 0, one[2], one[1])
    )
    return Cause(kind, name)


def words(
    cause: Cause,
    size: int,
    verdict: Callable[[str], Verdict | None],
    kind: Callable[[str], str],
    title: Callable[[str], str] = str,
) -> str:
    """The cause for people. `verdict` gives a component's bad verdict, or None; `kind` what it is; `title`
    what an alert that was reported is called."""
    things = f"{size:,} component{'' if size == 1 else 's'}"
    bad = verdict(cause.name) if cause.kind in ("upon", "component") else None
    if cause.kind == "alert":
        return f"{size:,} alerts {cause.name or 'without a name'}"
    if cause.kind == "component" and kind(cause.name) == KIND:
        return f"{title(cause.name)} {'fires' if bad is not None else 'is over'}"
    named = f"host {cause.name}" if kind(cause.name) == "host" else cause.name
    if cause.kind == "component":
        return f"{named} is {bad.name if bad is not None else 'well again'}"
    if cause.kind == "upon":
        if bad is None:
            return f"{things} that run on or need {named}"
        others = (
            "1 component that runs on or needs"
            if size == 2
            else f"{size - 1:,} components that run on or need"
        )
        return f"{named} is {bad.name}, and {others} it"
    if cause.kind == "group":
        return f"{things}, most in group {cause.name}"
    if cause.kind == "subnet":
        return f"{things}, most in subnet {cause.name}"
    if cause.kind == "labels":
        return f"{things} with {cause.name}"
    return f"{things} at once with little in common: look at the network, the power and this node itself"
