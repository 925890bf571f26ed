"""The alert of a rule of lines, in the form in which all alerts are reported."""

from __future__ import annotations

from gadfly.alert.reported import Reported
from gadfly.config.logs import LogRule
from gadfly.intake.log_rules import Firing
from gadfly.store.logs import Kept

SHOWN = 300
"""Characters of a line in an alert."""


def reported(rule: LogRule, firing: Firing, generator: str) -> Reported:
    """`generator` is the address of the page where its lines are."""
    labels = {"alertname": firing.rule, "host": firing.host, "owner": rule.owner}
    lines = "line" if firing.matched == 1 else "lines"
    where = f" from {firing.host}" if firing.host else ""
    return Reported(
        labels={name: value for name, value in labels.items() if value},
        annotations={
            "summary": f"{firing.matched} {lines} matched {firing.rule}{where}",
            "because": rule.because,
            "lines": "\n".join(shown(line) for line in firing.lines),
        },
        starts=firing.starts,
        ends=firing.ends,
        source=f"log:{firing.rule}",
        generator=generator,
        owner=rule.owner,
    )


def shown(line: Kept) -> str:
    """For a message: on one line, not too long, and with no control character that would do something."""
    text = line.text if len(line.text) <= SHOWN else line.text[: SHOWN - 1] + "…"
    return "".join(one if one.isprintable() else " " for one in text)
