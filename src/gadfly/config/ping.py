"""The table of the pings: jobs that tell by HTTP that they ran, as they would tell Healthchecks.io."""

from __future__ import annotations

from gadfly.config.section import Section


class Ping(Section, frozen=True, kw_only=True):
    """Who may ping, and how much. Whose address it is stands at the job: `component.NAME.ping`."""

    keys: tuple[str, ...] = ()
    """Ping keys, for addresses of the form `/ping/KEY/SLUG`: `env:NAME` or `file:PATH`. The slug is the job's
    name in lower case, with `-` for what is no letter or digit. Empty: only addresses with an id."""
    create: int = 0
    """How many jobs that nobody declared may come to be by `?create=1`, with a ping key. None, because a
    mistyped slug would be a job that nobody misses."""
    rate: int = 60
    """Pings of one job a minute; more are answered 429. Room for a job that runs every few seconds and tells
    its start and its end; a loop that lost its pause is stopped here."""
    strangers: int = 60
    """Pings with an unknown id, from one address, a minute; more are answered 429. A wrong address in a
    crontab stays far below; nobody finds an id of 122 bits by trying."""
    output_mb: int = 256
    """What the last outputs of all jobs may take on disk together; beyond it the oldest go. 100 kB each at
    most, as at Healthchecks.io."""
