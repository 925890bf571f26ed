"""The part of the configuration that says what may be done: automations, grants, freezes, the gate's
limits."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config.section import Duration, Section

Level = Literal["observe", "suggest", "approve", "act-small", "act"]


class Limits(Section, frozen=True, kw_only=True):
    """How much an automation may use. Shares are rounded down, but one target is always within a share."""

    at_once: int
    """Targets in progress at most, over all its acts; those of unknown outcome count."""
    group: str = "25%"
    """Share of any one group that it may hold at once. A quarter, because most services bear the loss of one
    in four."""
    fleet: str = "5%"
    """Share of the whole fleet that it may hold at once, whatever its groups allow."""
    per_hour: int
    """Acts within any hour."""
    tries_per_target: int
    """Acts against the same symptom on one target; then the brake is on until a person releases it."""
    cost: float = 0.0
    """What it may spend within any hour, in whatever unit its acts cost. 0: only acts that cost nothing."""
    windows: str = ""
    """When it may act: `Mon-Fri 08:00-18:00 Europe/Berlin`, or `not …` for when it may not. Empty: always."""


class Automation(Section, frozen=True, kw_only=True):
    """A standing permission to act, and who answers for it."""

    owner: str
    """Who answers: a name in `[owner]`."""
    purpose: str
    """Why it exists, in words."""
    on: str = ""
    """What calls for it: `component.stalled for 1m, group = "workers"`, `alert for 5m, LABELS`,
    `prediction disk > 0.8`, `schedule: CRON ZONE` or `manual`. Its selector says on which targets it acts,
    unless `targets` does."""
    run: str
    """What it does: `systemd:restart orders-worker@{component}`. Exactly this is allowed to it, nothing
    else."""
    targets: str = ""
    """A selector, where `on` has none or another one: `group = "workers" and region = "eu"`."""
    limits: Limits
    """How much it may use."""
    expect: str
    """What must hold afterwards, measured by the node: `component alive within 30s`."""
    undo: str
    """The run that takes it back, or `irreversible`."""
    level: Level
    """How far it may go by itself; it goes no further than its record has earned."""
    expires: dt.date
    """The last day (UTC) on which it may act."""
    review: dt.date
    """The day (UTC) on which its owner must have looked at it; from then on it only suggests."""
    cells: str = ""
    """The label by which its acts are staged, one value after the other, as `region`. Empty: `region`."""
    due: dt.datetime | None = None
    """With a zone: when it is to act once, without anything else that calls. What it destroys is announced to
    the owners 30, 7 and 1 days before, and each must consent to it in the last week."""
    destructive: bool = False
    """Whether data or things are gone afterwards."""
    crosses: bool = False
    """Whether it moves work or authority from one cell to another, as a failover does."""
    disturbs: bool = True
    """Whether a target is out of service while the act lasts."""
    environment: str = "production"
    """The environment it is meant for (the components' label `environment`; unlabelled is production)."""
    version: str = ""
    """The version that every executor must run. Empty: all must run the same."""
    cost: float = 0.0
    """What one act costs for each target, in the unit of `limits.cost`."""


class Grant(Section, frozen=True, kw_only=True):
    """What principals may do, or never may, until when. Nothing that no grant names is allowed."""

    to: tuple[str, ...]
    """Principals: `automation:NAME`, `person:anna`, `program:deploy`, `person:*`."""
    may: tuple[str, ...] = ()
    """Actions, with a pattern for their argument: `systemd:restart orders-*`, `notify`."""
    never: tuple[str, ...] = ()
    """The same, forbidden: one that forbids beats all that permit."""
    on: str = ""
    """A selector of targets. Empty: every target of `owner`; and of everybody, for what is forbidden."""
    until: dt.datetime
    """With a zone: `2027-03-31T00:00:00Z`. For a person at most 12 hours after it was given (`since`)."""
    since: dt.datetime | None = None
    """With a zone: when it was given. Needed where a person may write."""
    owner: str
    """Who answers for it."""
    because: str
    """Why."""


class FreezeWindow(Section, frozen=True, kw_only=True):
    """A time in which nothing that it names is changed by anybody."""

    starts: dt.datetime
    """With a zone: `2026-12-20T00:00:00Z`."""
    ends: dt.datetime
    """With a zone."""
    on: str = ""
    """A selector of targets. Empty: all."""
    owner: str
    """Who answers for it, and may lift it."""
    because: str
    """Why."""


class Gate(Section, frozen=True, kw_only=True):
    """The gate's own limits, over all automations and persons together."""

    floor: str = "50%"
    """Share of a group that must keep working, by the picture of the moment. Half, because more at once is no
    maintenance; one target of a group of any size may be taken out when all others work."""
    floors: dict[str, str] = {}
    """The same for single groups: `{ index = "80%" }`."""
    removals: str = "5%"
    """Share of the fleet, and twice this share of any group of twenty or more, that may be taken out within
    ten minutes by all actors together: slow enough that somebody sees it."""
    touches: int = 6
    """Acts on one target within an hour, by all automations together: two that undo each other's work end
    here. Every ten minutes is more than any remedy needs."""
    soak: Duration = Duration(600.0)
    """How long an action rests in one cell before the next cell has it: most bad changes show within ten
    minutes."""
    small: int = 3
    """Targets at once at the level `act-small`: what one person can put right by hand."""
    stale: Duration = Duration(60.0)
    """How old what a plan was read from may be. A minute, because the picture itself is never older than
    seconds."""
    lag: Duration = Duration(10.0)
    """How far the picture may be behind before nothing is done on its word."""
    storm: str = "2%"
    """Share of the fleet that, lost within a minute, stops all that disturbs anything: so much at once has
    one cause, and it is not in each of them. Never less than five."""
    held: Duration = Duration(300.0)
    """How long two independent signals must hold before they stand in for a person, where one would be
    needed."""
    idle: Duration = Duration(2_592_000.0)
    """Unused for so long (30 days), a thing may be deleted by others than its owner, with the owner's
    consent."""
    data: str = "50%"
    """By how much generated configuration may grow or shrink against what is in force."""
    proof: Duration = Duration(691_200.0)
    """How old a guard's proof may be: a week, and a day's grace."""
    approval: Duration = Duration(3600.0)
    """How long an approval holds. An hour: what was true when somebody said yes is then still true."""
    authority: Duration = Duration(900.0)
    """How long an act may take before its outcome counts as unknown."""
    standing: Duration = Duration(43_200.0)
    """How long a person's grant to write may last: one shift."""
    commands: bool = True
    """Whether actions run programs (`command`, `systemd`, `scale`). On, because only what an automation
    declares is ever run."""
    hosts: tuple[str, ...] = ()
    """Where `http` actions may go: `deploy.example.org`, `deploy.example.org:8443`, `*.example.org`,
    `10.2.0.0/16`. Nowhere, unless named here: a request that acts must not be led elsewhere."""
    takes: Duration = Duration(60.0)
    """How long one action on one target may take. A restart is done in a minute, or somebody should look."""


NEEDED: dict[tuple[type[Section], str], str] = {
    (Automation, "owner"): "whoever wrote it must name an owner: without one nobody answers for it",
    (Automation, "purpose"): "its owner must say in words why it exists",
    (Automation, "run"): "its owner must say what it does, as systemd:restart orders-worker@{component}",
    (Automation, "limits"): "its owner must say how much it may use: at_once, per_hour, tries_per_target",
    (Automation, "expect"): "its owner must say what must hold afterwards, as component alive within 30s",
    (Automation, "undo"): 'its owner must say how it is taken back, or write "irreversible"',
    (Automation, "level"): "its owner must say how far it may go by itself: observe, suggest, approve, …",
    (Automation, "expires"): "its owner must say on which day it ends",
    (Automation, "review"): "its owner must say by which day somebody looks at it again",
    (Limits, "at_once"): "its owner must say how many targets it may touch at once",
    (Limits, "per_hour"): "its owner must say how many acts an hour are enough",
    (Limits, "tries_per_target"): "its owner must say after how many tries a person looks",
    (Grant, "to"): "whoever gives it must say to whom",
    (Grant, "until"): "whoever gives it must say until when",
    (Grant, "owner"): "whoever gives it must name an owner: without one nobody answers for it",
    (Grant, "because"): "whoever gives it must say why",
    (FreezeWindow, "owner"): "whoever orders it must name an owner, who may lift it",
    (FreezeWindow, "because"): "whoever orders it must say why",
}
"""What to say where one of these is missing: who must do what."""
