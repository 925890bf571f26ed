"""Components: what must be there."""

from __future__ import annotations

from typing import Literal

from gadfly.config.probe import Probes
from gadfly.config.section import Duration, Section


class Component(Section, frozen=True, kw_only=True):
    """A thing that must be there."""

    kind: Literal["service", "host", "job", "device", "function"] = "service"
    """A service, unless said otherwise: that is what most entries are."""
    owner: str = ""
    """Who answers. Empty: the owner of the host it runs on, or of what it announces; else nobody, which is
    counted."""
    beats: Duration = Duration(0.0)
    """The interval of its heartbeats. 0: it does not beat, only probes tell."""
    host: str = ""
    """The component of kind `host` it runs on; known from its beats where it beats."""
    group: str = ""
    """What belongs together (a cluster, a rack, a product): lost together, it is one incident."""
    needs: tuple[str, ...] = ()
    """Components without which this one cannot work: while one is down, alerts about this one wait."""
    labels: dict[str, str] = {}
    """For routes, silences and the page's filter."""
    probe: Probes = Probes()
    """How it is asked. Empty: only its beats tell."""
    schedule: str = ""
    """For jobs: `0 2 * * * Europe/Berlin`, or `every 1h`."""
    grace: Duration = Duration(300.0)
    """How late a job may start, or end where `runs` is not set."""
    runs: str = ""
    """For jobs: `< 2h`. Longer is `degraded`."""
    ping: str = ""
    """For jobs that tell by HTTP that they ran: the id in their address, `/ping/ID`. `env:NAME` or
    `file:PATH`, or the UUID itself where who reads this file may ping."""
    because: str = ""
    """Why it matters; told in notifications."""
