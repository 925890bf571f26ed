from collections.abc import Sequence

import pytest

from gadfly.alert.alert import Alert
from gadfly.alert.inhibit import Above, declared
from gadfly.config.alerting import Inhibit
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict


def alert(
    name: str, since: float = 0.0, verdict: Verdict = Verdict.down, kind: str = "service", **about: object
) -> Alert:
    return Alert(
        id=1,
        component=name,
        subject=Subject(name=name, kind=kind, **about),
        verdict=verdict,
        reason="",
        since=since,
    )


def above(alerts: Sequence[Alert], **edges: str) -> Above:
    return Above(
        {one.component: one for one in alerts}, {name: tuple(up.split()) for name, up in edges.items()}
    )


@pytest.mark.parametrize(
    ("alerts", "edges", "sources"),
    [
        ([alert("a")], {"a": "db"}, {"a": None}),
        ([alert("a"), alert("db")], {"a": "db"}, {"a": "db", "db": None}),
        # far above, through one that has no alert (its name is in the closure) and through one that has
        ([alert("a"), alert("h", kind="host")], {"a": "db h"}, {"a": "h", "h": None}),
        (
            [alert("a"), alert("db"), alert("h", kind="host")],
            {"a": "db h", "db": "h"},
            {"a": "h", "db": "h", "h": None},
        ),
        # a need that is only degraded, or a zombie, is there
        ([alert("a"), alert("db", verdict=Verdict.degraded)], {"a": "db"}, {"a": None}),
        ([alert("a"), alert("db", verdict=Verdict.zombie)], {"a": "db"}, {"a": None}),
        ([alert("a"), alert("db", verdict=Verdict.gray)], {"a": "db"}, {"a": "db"}),
        # a host that is gray still runs things
        ([alert("a"), alert("h", verdict=Verdict.gray, kind="host")], {"a": "h"}, {"a": None}),
        # a circle: the first speaks
        (
            [alert("a", 2), alert("b", 1), alert("c", 3)],
            {"a": "b c", "b": "a c", "c": "a b"},
            {"a": "b", "b": None, "c": "b"},
        ),
        # a circle that stands on something that is gone
        (
            [alert("a", 1), alert("b", 2), alert("h", 9, kind="host")],
            {"a": "b h", "b": "a h"},
            {"a": "h", "b": "h", "h": None},
        ),
        # one that needs a circle is spoken for by it
        (
            [alert("x", 0), alert("a", 2), alert("b", 1)],
            {"x": "a b", "a": "b", "b": "a"},
            {"x": "b", "b": None},
        ),
    ],
)
def test_the_source_is_the_highest_that_is_gone(alerts: list[Alert], edges: dict, sources: dict) -> None:
    there = above(alerts, **edges)
    assert {name: there.source(name) for name in sources} == sources


RULE = Inhibit(source={"verdict": "down", "group": "core"}, target={"verdict": "degraded"}, equal=("host",))


@pytest.mark.parametrize(
    ("alerts", "target", "source"),
    [
        ([alert("c", group="core", host="h")], alert("x", verdict=Verdict.degraded, host="h"), "c"),
        ([alert("c", group="core", host="g")], alert("x", verdict=Verdict.degraded, host="h"), None),
        ([alert("c", group="edge", host="h")], alert("x", verdict=Verdict.degraded, host="h"), None),
        ([alert("c", group="core", host="h")], alert("x", host="h"), None),
    ],
)
def test_declared_rules(alerts: list[Alert], target: Alert, source: str | None) -> None:
    assert declared([RULE], [*alerts, target])(target) == source


def test_an_alert_on_both_sides_is_not_inhibited_by_another_that_is() -> None:
    rule = Inhibit(source={"group": "core"}, target={"group": "~core|edge"})
    a, b, c = alert("a", group="core"), alert("b", group="core"), alert("c", group="edge")
    why = declared([rule], [a, b, c])
    assert (why(a), why(b), why(c)) == (None, None, "a")


def test_no_alert_inhibits_itself() -> None:
    a = alert("a", group="core")
    assert declared([Inhibit(source={"component": "a"}, target={"group": "core"})], [a])(a) is None
