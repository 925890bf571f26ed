"""Changes that wait are condensed to where a component began and where it is."""

from __future__ import annotations

from gadfly.monitor.change import Change, condensed
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict as V


def _change(component: str, before: V, after: V, reason: str = "") -> Change:
    subject = Subject(name=component)
    return Change(
        at=1.0, component=component, slot=0, before=before, after=after, reason=reason, subject=subject
    )


def test_condensed() -> None:
    waiting = [
        _change("a", V.healthy, V.down),
        _change("b", V.healthy, V.gray),
        _change("a", V.down, V.healthy),
        _change("b", V.gray, V.down, "the last word"),
        _change("c", V.unknown, V.missing),
    ]
    found = [(one.component, one.before, one.after, one.reason) for one in condensed(waiting)]
    assert found == [("b", V.healthy, V.down, "the last word"), ("c", V.unknown, V.missing, "")]
