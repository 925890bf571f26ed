"""Which kinds of questions cannot be asked here, as facts are lacking that they rest on, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gadfly.ask.facts import TABLES
from gadfly.ask.kind import Kind

ROWS = "*"
Known = Mapping[str, Mapping[str, int]]
"""By table of which columns how many cells are known; under :data:`ROWS` how many rows there are."""

NEEDS: dict[str, tuple[str, ...]] = {
    "never-near": ("check.threshold", "sample_daily.p999"),
    "always-near": ("check.threshold", "sample_daily.p99"),
    "dead-metric": ("check.reads", "sample_daily.coverage", "heartbeat_daily"),
    "missing-is-green": ("check", "sample_daily.gap"),
    "stale-threshold": ("check.threshold", "sample_daily.p50"),
    "borrowed-default": ("check.published", "sample_daily.p99"),
    "for-longer-than-harm": ("check.hold", "incident|check.budget"),
    "hair-trigger": ("check.interval", "alert"),
    "blind-window": ("check.interval", "spell|incident|heartbeat_daily.dead_after"),
    "average-hides": ("check.aggregation", "sample_daily.p99"),
    "internal-only": ("component.users", "check.kind", "incident.reported"),
    "healthcheck-too-shallow": ("spell.errors", "spell.health"),
    "healthcheck-too-deep": ("spell.sick", "spell.after"),
    "unacted": ("alert.page",),
    "night-page": ("alert.page", "alert.acted"),
    "slow-ack": ("owner.promise", "alert.acked"),
    "ack-and-forget": ("alert.acked",),
    "always-together": ("alert",),
    "flapping": ("alert",),
    "storm": ("alert.person",),
    "one-hero": ("alert.resolver", "rota"),
    "runbook-unread": ("check.runbook", "alert.runbook_opened|check.runbook_state"),
    "late-telling": ("incident.reported",),
    "immortal-silence": ("silence",),
    "wide-silence": ("silenced",),
    "dead-silence": ("silence",),
    "window-overrun": ("window.finished",),
    "always-maintenance": ("window|silence", "spell|incident"),
    "job-drift": ("job_run",),
    "nobody-home": ("component",),
    "owner-gone": ("owner",),
    "page-without-power": ("rota", "grant.person", "action"),
    "single-point-person": ("rota",),
    "unanswered-questions": ("question",),
    "same-fix-again": ("action",),
    "unverified": ("action|function",),
    "placebo": ("action", "alert"),
    "harmful": ("action", "alert", "edge"),
    "radius-creep": ("action.targets",),
    "empty-means-all": ("function",),
    "no-way-back": ("function", "automation"),
    "stop-button-cold": ("automation",),
    "guard-never-bit": ("request",),
    "guard-always-bites": ("request.by_hand",),
    "break-glass-habit": ("action.breakglass",),
    "rubber-stamp": ("approval",),
    "dry-run-differs": ("action.touched",),
    "two-hands": ("action.field",),
    "acts-on-blindness": ("action.stale|action.monitor_alert",),
    "manual-mirror": ("action.unchanged",),
    "promotion-unearned": ("automation.level", "action.outcome"),
    "unused-grant": ("grant",),
    "wider-than-used": ("grant.targets", "use"),
    "timeless-grant": ("grant",),
    "purpose-drift": ("grant.classes", "use.class"),
    "shared-identity": ("use.host",),
    "function-over-role": ("function.role",),
    "toxic-pair": ("grant",),
    "wrong-forecasts": ("prediction.outcome",),
    "useless-lead": ("prediction.outcome",),
    "ignored-forecast": ("prediction.outcome",),
    "horizon-cliff": ("resource.hard_limit", "resource_daily"),
    "declared-not-seen": ("component.declared", "heartbeat_daily"),
    "seen-not-declared": ("component.declared", "heartbeat_daily"),
    "deaf-listener": ("heartbeat_daily",),
    "dead-time-guess": ("heartbeat_daily.gap_p999", "heartbeat_daily.dead_after"),
    "both-think-dead": ("edge.fences",),
    "hidden-dependency": ("edge.calls", "spell.errors"),
    "declared-soft": ("edge.kind", "spell.errors"),
    "tier-inversion": ("edge.kind", "component.tier"),
    "loop": ("edge",),
    "who-watches": ("monitor.dead_man|drill",),
    "expired-acceptance": ("decision",),
    "change-that-changed-nothing": ("question",),
    "decision-without-evidence": ("decision",),
    "incident-no-question": ("incident.conditions",),
    "question-kind-useless": ("question",),
}
"""What each of our kinds cannot do without: a table, or a column of which at least one cell is known; `|`:
one of several. Of other kinds it is each table of the query."""

WHY: dict[str, str] = {
    "rota": "who is on call is planned elsewhere: put rota.csv into the folder of facts",
    "incident": "no component was bad and taken on by a person; incidents of other tools come as facts",
    "incident.reported": "when a person reported something first is known elsewhere",
    "incident.conditions": "what contributed to an incident is said by people, after it",
    "check.published": "which rule is a published one is not compared here",
    "check": "there is no rule, no probe and no heartbeat",
    "check.budget": "objectives are kept elsewhere",
    "check.threshold": "no rule compares one reading with a number",
    "check.runbook": "no rule has an annotation runbook_url",
    "component.users": 'no component says that people use it: labels = { users = "yes" }',
    "component.tier": 'no component says how important it is: labels = { tier = "1" }',
    "sample_daily": "no rule's series were summed up yet, which is done for each day that is over",
    "heartbeat_daily": "no day of heartbeats was summed up yet",
    "heartbeat_daily.gap_p999": "the node keeps how many beats it heard and lost, not each gap",
    "heartbeat_daily.dead_after": "the silence after which one is called dead is not kept",
    "spell.errors": "the share of requests that failed is not known by component",
    "spell.sick": "what instances say of themselves is not kept",
    "spell.health": "what a health endpoint said while requests failed is not kept",
    "spell": "no component was bad",
    "alert": "no alert began",
    "alert.page": "nobody was told of an alert",
    "alert.acked": "nobody took an alert upon them",
    "alert.acted": "nothing was done through this node while an alert stood",
    "alert.person": "nobody was told of an alert",
    "alert.resolver": "nobody took on an alert that then ended",
    "alert.runbook_opened": "whether somebody opens a link is not watched",
    "silence": "nothing was silenced",
    "silenced": "no silence hushed an alert",
    "window": "no window of maintenance is declared",
    "window.finished": "nothing was bad in a window of maintenance",
    "job_run": "no function runs on a schedule, and no job was heard to run",
    "action": "nothing was done through this node",
    "action.touched": "what an act touched is taken to be what it planned",
    "action.field": "what an act sets, and to what, is not known apart from its words",
    "action.stale": "which inputs were stale when it was decided is refused by the gate, and not kept",
    "action.breakglass": "nobody took authority past the gate",
    "action.unchanged": "no automation waited for a word",
    "automation": "no automation is declared",
    "function": "no automation and no function is declared",
    "function.role": "no function is declared",
    "guard": "no automation and no grant is declared",
    "request.by_hand": "nobody did through this node what was refused; what people do elsewhere is not seen",
    "approval": "nobody had to approve anything",
    "grant": "no grant is declared",
    "grant.classes": "a grant's purpose is words here, not a list of triggers",
    "grant.person": "no grant names a person",
    "use": "no grant was used",
    "use.host": "from which host a token is used is not kept",
    "prediction": "nothing was foretold",
    "prediction.outcome": "nothing that was foretold has come to its time",
    "resource_daily": "no prediction names a gauge with a limit",
    "resource": "no prediction names a gauge with a limit",
    "edge": "no component says what it needs or where it runs",
    "edge.fences": "who takes over from whom is not declared here",
    "edge.calls": "who calls whom how often is not measured",
    "monitor.dead_man": "whether somebody else hears this node is known to that one",
    "drill": "nothing was rehearsed",
    "question": "nothing was asked yet",
    "decision": "nothing was accepted yet",
}
"""Why a node may have none of it; by column, or else by table."""


class Asks(Protocol):
    """What facts are asked of: a :class:`gadfly.ask.world.World`."""

    def ask(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]: ...


def known(world: Asks) -> dict[str, dict[str, int]]:
    """What there is, by table and column; tables without rows are left out."""
    found = {}
    for name, table in TABLES.items():
        cells = ", ".join(f'count("{one.name}") AS "{one.name}"' for one in table.columns)
        (row,) = world.ask(f'SELECT count(*) AS "{ROWS}", {cells} FROM "{name}"')  # noqa: S608 - our own names
        if row[ROWS]:
            found[name] = {column: count for column, count in row.items() if count}
    return found


def lacking(kind: Kind, there: Known) -> tuple[str, ...]:
    """What a kind needs and is not there, a sentence each; empty: it can be asked."""
    needs = NEEDS.get(kind.name) or tuple(reads(kind.query))
    return tuple(_words(one) for one in needs if not any(_has(part, there) for part in one.split("|")))


def reads(query: str) -> Sequence[str]:
    """The tables of a query."""
    text = re.sub(r"--[^\n]*", "", query)
    return [name for name in TABLES if re.search(rf'(?i)(?:\bfrom|\bjoin|,)\s*"?{name}\b', text)]


def _has(need: str, there: Known) -> bool:
    table, _, column = need.partition(".")
    return bool(there.get(table, {}).get(column or ROWS))


def _words(need: str) -> str:
    parts = need.split("|")
    whys = [WHY.get(one) or WHY.get(one.partition(".")[0]) or "nobody told the node" for one in parts]
    return f"needs {' or '.join(parts)}: {'; '.join(dict.fromkeys(whys))}"
