"""The tables that questions are asked of: what a node knows, or what a folder of files says.

The same names stand in `docs/facts.md`. Times are seconds since the epoch, durations seconds, shares 0 … 1.
A query of a kind sees each table as it was known at its `now`.
"""

from __future__ import annotations

from gadfly.ask.facts.alerts import ALERT, SILENCE, SILENCED, WINDOW
from gadfly.ask.facts.authority import GRANT, PRINCIPAL, USE
from gadfly.ask.facts.automation import ACTION, APPROVAL, AUTOMATION, DRILL, FUNCTION, GUARD, REQUEST
from gadfly.ask.facts.checks import CHECK, SAMPLE_DAILY
from gadfly.ask.facts.decisions import DECISION, QUESTION
from gadfly.ask.facts.events import CHANGE, INCIDENT, JOB_RUN, SPELL
from gadfly.ask.facts.measures import HEARTBEAT_DAILY, PREDICTION, RESOURCE, RESOURCE_DAILY
from gadfly.ask.facts.topology import COMPONENT, EDGE, MONITOR, OWNER, ROTA
from gadfly.ask.table import Table

__all__ = ["TABLES"]

TABLES: dict[str, Table] = {
    one.name: one
    for one in (
        OWNER, ROTA, COMPONENT, CHECK, SAMPLE_DAILY, ALERT, SILENCE, SILENCED, WINDOW, JOB_RUN, INCIDENT,
        SPELL, CHANGE, EDGE, AUTOMATION, FUNCTION, ACTION, APPROVAL, GUARD, REQUEST, DRILL, GRANT, USE,
        PRINCIPAL, PREDICTION, RESOURCE, RESOURCE_DAILY, HEARTBEAT_DAILY, MONITOR, DECISION, QUESTION,
    )
}  # fmt: skip
"""Every table by its name, in the order of the docs."""
