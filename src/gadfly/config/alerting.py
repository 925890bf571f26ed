"""Who is told what, when and how: alerts, routes, receivers, windows and the mail server."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config.section import Duration, Section


class Receiver(Section, frozen=True, kw_only=True):
    """A place where notifications go. Exactly one of the addresses is set."""

    webhook: str = ""
    """Gets Alertmanager's version 4 JSON by POST. `env:NAME` or `file:PATH` where the URL is a secret."""
    email: str = ""
    """An address; sent through the server in `[mail]`."""
    command: tuple[str, ...] = ()
    """Gets the same JSON on standard input."""
    apprise: str = ""
    """Any address apprise knows (with gadfly[notify]). `env:NAME` or `file:PATH` where it is a secret."""
    headers: dict[str, str] = {}
    """Sent with a webhook; values may be `env:NAME` or `file:PATH`."""
    timeout: Duration = Duration(10.0)
    """Ten seconds, because a receiver that takes longer is asked again anyway."""


class Route(Section, frozen=True, kw_only=True):
    """Which alerts go where. The first route that matches wins unless it says `go_on`; none: the owner's
    contacts."""

    match: dict[str, str] = {}
    """Labels and their values; `~` in front of a value makes it a regular expression, `!` negates. Known
    labels: component, kind, owner, group, host, verdict, and the component's own."""
    receiver: str = ""
    """Empty: the owner's contacts."""
    group_by: tuple[str, ...] = ("cause",)
    """`cause` groups by what gadfly found to be the common cause; other labels group as in Alertmanager."""
    wait: Duration = Duration(0.0)
    """How long to collect before the first message. 0, because grouping by cause needs no waiting."""
    interval: Duration = Duration(30.0)
    """How long before a message about more of the same cause."""
    repeat: Duration = Duration(14400.0)
    """How long before an unchanged, unacknowledged alert is told again (as Alertmanager: four hours)."""
    resolved: bool = True
    """Tell the end as well. On, because whoever was woken wants to know when to sleep again."""
    go_on: bool = False
    """Look at the routes behind this one too, even though it matched."""


class Inhibit(Section, frozen=True, kw_only=True):
    """While a source stands, targets are watched but not told. Hosts and needs are inhibited without being
    asked."""

    source: dict[str, str]
    """Which alerts, as in a route's `match`, hold others back."""
    target: dict[str, str]
    """Which alerts are held back."""
    equal: tuple[str, ...] = ()
    """Labels that must be the same in both."""


class Maintenance(Section, frozen=True, kw_only=True):
    """A window in which alerts about some components are not told."""

    match: dict[str, str]
    """Which components, as in a route's `match`."""
    because: str
    """Why; shown on the page beside what is not told."""
    owner: str = ""
    """Who answers for the window."""
    starts: dt.datetime | None = None
    """With a zone: `2026-12-01T22:00:00+01:00`. Empty: now."""
    ends: dt.datetime | None = None
    """With a zone. A window without an end would be a silence nobody remembers."""
    schedule: str = ""
    """Cron with a zone, for windows that come again; then `lasts` says how long."""
    lasts: Duration = Duration(0.0)
    """How long a window of `schedule` stays open."""


class Mail(Section, frozen=True, kw_only=True):
    """The SMTP server for `mailto:` contacts."""

    server: str = "127.0.0.1:25"
    """`host:port`. This machine's own, because most servers relay from there."""
    sender: str = ""
    """Empty: gadfly@ the host's name."""
    user: str = ""
    """For servers that want to know who sends. Empty: do not log in."""
    password: str = ""
    """`env:NAME` or `file:PATH`; never the password itself."""
    tls: Literal["none", "starttls", "tls"] = "none"
    """None, because the default server is this machine; `starttls` or `tls` for any other."""


class Alerting(Section, frozen=True, kw_only=True):
    """What a change of verdict must be before somebody is told."""

    settle: Duration = Duration(3.0)
    """How long a recovery must last before it is told, so that flapping is one alert. Within the 5 s promised
    for a recovery."""
    flapping: int = 5
    """Changes within ten minutes that make a component flapping: told once, and again when it has been
    quiet."""
    told: tuple[str, ...] = ("down", "gray", "zombie", "missing", "degraded")
    """The verdicts that are alerts."""
    attempts: int = 50
    """Tries before a notification becomes a dead letter; with back-off up to five minutes that is about four
    hours."""
    exec: bool = True
    """Whether `exec:` contacts and command receivers are run."""
