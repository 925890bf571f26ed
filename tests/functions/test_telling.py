"""The owner of a function is told of a trigger's call that failed for good; the next that works ends it."""

from __future__ import annotations

import msgspec
import pytest

from gadfly.alert.reported import Reported, key, reason, verdict
from gadfly.alert.shown import Alert
from gadfly.functions import telling
from gadfly.functions.function import Function
from gadfly.monitor.verdict import Verdict

FUNCTION = Function(
    name="tidy", path="/a.py", module="a", handler="h", owner="ops", purpose="Tidies what is left."
)


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("schedule: 0 0 * * *", True),
        ("webhook: github", True),
        ("logs: unit=x", True),
        ("person:anna", False),
        ("function:other", False),
        ("automation:a", False),
    ],
)
def test_who_has_the_answer_is_not_told(called: str, told: bool) -> None:
    assert telling.triggered(called) is told


def test_one_alert_begins_and_ends() -> None:
    begins = telling.failed(
        FUNCTION, "webhook: github", 3, "ValueError: \x1b[31m" + "x" * 999, 5.0, "http://p"
    )
    ends = telling.works(FUNCTION, 9.0)
    assert key(begins.labels) == key(ends.labels)
    assert (begins.ends, ends.ends, begins.owner) == (None, 9.0, "ops")
    assert reason(begins.annotations).startswith(
        "a call of the function tidy failed 3 times and was given up: ValueError:  [31mxxx"
    )
    assert len(reason(begins.annotations)) < 400
    assert verdict(begins.labels) is Verdict.degraded
    once = telling.failed(FUNCTION, "webhook: github", 1, "no", 5.0, "")
    assert "failed once and" in reason(once.annotations)


def test_another_owner_ends_the_same_alert() -> None:
    begins = telling.failed(FUNCTION, "webhook: github", 1, "no", 5.0, "")
    ends = telling.works(msgspec.structs.replace(FUNCTION, owner="others"), 9.0)
    assert key(begins.labels) == key(ends.labels)


def test_what_no_call_will_end_is_ended_when_its_function_goes() -> None:
    def shown(one: Reported) -> Alert:
        return Alert(
            id="1",
            component="",
            verdict="degraded",
            reason="",
            state="firing",
            started=5.0,
            labels=one.labels,
            source=one.source,
        )

    own = telling.failed(FUNCTION, "webhook: github", 1, "no", 5.0, "")
    rule = msgspec.structs.replace(own, labels={**own.labels, "alertname": "Slow"}, source="rule:slow")
    firing = [shown(own), shown(rule)]
    assert telling.gone(firing, {"tidy"}, 9.0) == []
    (ends,) = telling.gone(firing, {"other"}, 9.0)
    assert (key(ends.labels), ends.ends, ends.source) == (key(own.labels), 9.0, own.source)
