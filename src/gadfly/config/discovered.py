"""The table of those who are in the picture because their telemetry arrives."""

from __future__ import annotations

from gadfly.config.section import Duration, Section


class Discovered(Section, frozen=True, kw_only=True):
    """Components that send telemetry (OpenTelemetry, collectd, statsd) instead of heartbeats."""

    components: int = 10_000
    """How many at most, so that a sender that invents names cannot fill the picture. 0: none; telemetry is
    kept, and discovers nobody."""
    idle: Duration = Duration(86_400.0)
    """One without a rhythm that was not heard of for so long counts as having left. A day, because nightly
    jobs send once a day."""
