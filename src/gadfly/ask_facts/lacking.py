"""Which kinds of questions cannot be asked here, as facts are lacking that they rest on, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from gadfly.ask.facts import TABLES
from gadfly.ask.kind import Kind
from gadfly.ask.subject import WHERE

ROWS = "*"
Known = Mapping[str, Mapping[str, int]]
"""By table of which columns how many cells are known; under :data:`ROWS` how many rows there are."""

NEEDS: dict[str, tuple[str, ...]] = {
    "never-near": ("check.threshold", "sample_daily.p999|sample_daily.max"),
    "always-near": ("check.threshold", "sample_daily.near|sample_daily.p99"),
    "dead-metric": ("check", "sample_daily.coverage|sample_daily.p50|sample_daily.mean|sample_daily.max"),
    "missing-is-green": ("check", "sample_daily.gap"),
    "stale-threshold": ("check.threshold", "sample_daily.p50|sample_daily.mean"),
    "borrowed-default": ("check.published", "sample_daily.p50"),
    "for-longer-than-harm": ("check.hold", "incident|check.budget"),
    "hair-trigger": ("check", "alert"),
    "blind-window": ("check.interval", "spell|incident|heartbeat_daily.dead_after"),
    "average-hides": ("check.aggregation|check.expr", "sample_daily.p99|sample_daily.worst"),
    "internal-only": ("component.users", "check.kind", "incident.reported"),
    "healthcheck-too-shallow": ("spell.errors", "spell.health"),
    "healthcheck-too-deep": ("spell.sick", "spell.after|edge"),
    "unacted": ("alert.page",),
    "night-page": ("alert.page", "alert.acted|action.alert"),
    "slow-ack": ("owner.promise", "alert.acked"),
    "ack-and-forget": ("alert.acked",),
    "always-together": ("alert",),
    "flapping": ("alert",),
    "storm": ("alert.person|alert.owner|check.owner",),
    "one-hero": ("alert.resolver", "rota|owner.members"),
    "runbook-unread": ("check.runbook|check.runbook_state", "alert"),
    "late-telling": ("incident.reported",),
    "immortal-silence": ("silence",),
    "wide-silence": ("silenced",),
    "dead-silence": ("silence",),
    "window-overrun": ("window.finished",),
    "always-maintenance": ("window|silence", "spell|incident"),
    "job-drift": ("job_run",),
    "nobody-home": ("component|function|grant|check",),
    "owner-gone": ("component.owner", "change|alert.acked|alert.resolver|action|question"),
    "page-without-power": ("alert.page", "grant", "action.alert|alert.action"),
    "single-point-person": ("check.pages", "rota|owner.members"),
    "unanswered-questions": ("question",),
    "same-fix-again": ("action",),
    "unverified": ("action|function",),
    "placebo": ("action",),
    "harmful": ("action", "alert", "edge"),
    "radius-creep": ("action.targets|action.touched",),
    "empty-means-all": ("function",),
    "no-way-back": ("function", "automation"),
    "stop-button-cold": ("automation",),
    "guard-never-bit": ("request",),
    "guard-always-bites": ("request.by_hand|action.by_hand",),
    "break-glass-habit": ("action.breakglass",),
    "rubber-stamp": ("approval",),
    "dry-run-differs": ("action.touched",),
    "two-hands": ("action.value",),
    "acts-on-blindness": ("action.stale|action.monitor_alert",),
    "manual-mirror": ("action.unchanged",),
    "promotion-unearned": ("automation.level", "action"),
    "unused-grant": ("grant",),
    "wider-than-used": ("grant.targets|grant.wildcard|grant.function|grant.scope",),
    "timeless-grant": ("grant",),
    "purpose-drift": ("grant.classes|grant.purpose", "use.class"),
    "shared-identity": ("use.host",),
    "function-over-role": ("function.role",),
    "toxic-pair": ("grant",),
    "wrong-forecasts": ("prediction.outcome",),
    "useless-lead": ("prediction.outcome",),
    "ignored-forecast": ("prediction.outcome",),
    "horizon-cliff": ("resource.hard_limit", "resource.remedy", "resource_daily"),
    "declared-not-seen": ("component.declared", "heartbeat_daily"),
    "seen-not-declared": ("component.declared", "edge"),
    "deaf-listener": ("heartbeat_daily",),
    "dead-time-guess": ("heartbeat_daily.gap_p999", "heartbeat_daily.dead_after"),
    "both-think-dead": ("edge.fences",),
    "hidden-dependency": ("edge.calls", "spell.errors"),
    "declared-soft": ("edge.kind", "spell"),
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
one of several. Of other kinds it is one at least of the tables that they read."""

WHY: dict[str, str] = {
    "rota": "who is on call is planned elsewhere: put rota.csv into the folder of facts",
    "owner.members": "how many people a team has is not declared here",
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
    "spell.after": "nothing failed after something that it needs",
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
    "action.value": "what an act sets, and to what, is not known apart from its words",
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
    "resource.remedy": "how long it took last time to add more is known to people",
    "owner.promise": "no owner says after which time the next one is told (`after`)",
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


OUTSIDE = frozenset(
    {
        "rota", "owner.members", "incident.reported", "incident.conditions", "check.published",
        "check.budget", "spell.errors", "spell.sick", "spell.health", "heartbeat_daily.gap_p999",
        "heartbeat_daily.dead_after", "alert.runbook_opened", "action.touched", "action.value",
        "action.stale", "grant.classes", "use.host", "edge.fences", "edge.calls", "monitor.dead_man",
        "resource.remedy",
    }
)  # fmt: skip
"""Of :data:`NEEDS` what no node tells by itself: that it is not there says nothing."""


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
    return tuple(_words(one) for one in _lacked(kind, there))


def silent(kind: Kind, there: Known) -> bool:
    """Whether it must not be asked, and nothing follows from its silence: what it lacks is not known. That a
    table of the node's own is empty is known: nothing is found in it, and that is an answer. Kinds of a
    folder know themselves what they cannot do without."""
    return kind.name in NEEDS and any(
        _outside(need) or all(part.partition(".")[0] in there for part in need.split("|"))
        for need in _lacked(kind, there)
    )


def blind(kind: Kind, missing: Collection[str]) -> bool:
    """Whether it reads a table that could not be gathered, or would be asked of the wrong team without it."""
    about = {"component", WHERE[kind.subject][0]} if kind.subject in WHERE else {"component"}
    return not about.isdisjoint(missing) or not set(missing).isdisjoint(reads(kind.query))


def _outside(need: str) -> bool:
    return not OUTSIDE.isdisjoint(need.split("|"))


def _lacked(kind: Kind, there: Known) -> Iterator[str]:
    tables = reads(kind.query)
    ours = [
        one
        for one in NEEDS.get(kind.name, ())
        if any(part.partition(".")[0] in tables for part in one.split("|"))
    ]
    needs = ours or ["|".join(tables)]  # one of a folder may bear the name of one of ours, and ask otherwise
    return (one for one in needs if one and not any(_has(part, there) for part in one.split("|")))


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
