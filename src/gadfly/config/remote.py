"""The table of the store elsewhere: where series go, beside this node's own, and where they are asked for."""

from __future__ import annotations

from typing import Literal

from gadfly.config.section import Duration, Section


class Remote(Section, frozen=True, kw_only=True):
    """VictoriaMetrics, Prometheus, Mimir or Thanos, for series that have outgrown one node."""

    write: str = ""
    """Where remote write (version 1) is taken, such as `http://metrics:8428/api/v1/write`. Empty: nothing is
    sent. Every sample that this node takes is kept here first and goes there within seconds."""
    read: str = ""
    """What queries are sent to, without `/api/v1`, such as `http://metrics:8428`. Empty: queries, rules and
    pages are answered from this node's own series."""
    kind: Literal["prometheus", "victoriametrics", "thanos"] = "prometheus"
    """How `read` gives samples as they were written: by remote read (`prometheus`, also for Mimir), by an
    export of its own, or in range vectors, which do not say where a series ended (`thanos`)."""
    headers: dict[str, str] = {}
    """Sent with every request, such as `X-Scope-OrgID`. Values may be `env:NAME` or `file:PATH`."""
    user: str = ""
    """For Basic authentication, with `password`."""
    password: str = ""
    """`env:NAME` or `file:PATH`."""
    token: str = ""
    """Sent as a bearer's; `env:NAME` or `file:PATH`."""
    timeout: Duration = Duration(30.0)
    """How long a request may take. As Prometheus' own remote write."""
    spool_mb: int = 1024
    """What may wait on disk while the other side does not answer, 5 bytes a sample: 200 million samples.
    Beyond it the oldest are lost to the other side, and the page says so."""
    samples: int = 5000
    """Samples in one request; every receiver takes so many."""
