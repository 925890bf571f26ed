"""The tables of what is listened to beside HTTP: statsd and collectd."""

from __future__ import annotations

from typing import Literal

from gadfly.config.section import Duration, Section


class Statsd(Section, frozen=True, kw_only=True):
    """Metrics that programs send as statsd, with tags in any of the usual forms."""

    listen: tuple[str, ...] = ()
    """UDP: `127.0.0.1:8125`, `[::1]:8125`, `0.0.0.0:8125`. Empty: none, as statsd cannot tell who sends."""
    tcp: tuple[str, ...] = ()
    """The same by TCP, a metric a line."""
    flush: Duration = Duration(10.0)
    """How often what was counted becomes samples. Ten seconds, as statsd's own."""
    metrics: int = 30_000
    """Metrics (a name with its tags) at once. A sender (address) has at most twice as many as are still free,
    one alone 20,000: one who puts a request's number into a name is stopped there and the others go on."""
    idle: Duration = Duration(3600.0)
    """A metric that nobody sent for so long ends."""


class Collectd(Section, frozen=True, kw_only=True):
    """Metrics and notifications that collectd's plugin `network` sends."""

    listen: tuple[str, ...] = ()
    """UDP: `0.0.0.0:25826` takes unicast; `239.192.74.66:25826` and `[ff18::efc0:4a42]:25826` are the
    groups that collectd sends to by itself. Empty: none."""
    interfaces: tuple[str, ...] = ()
    """Interfaces (by name) on which groups are joined. Empty: the one that the system chooses."""
    security: Literal["none", "sign", "encrypt"] = "none"
    """What a packet must at least be, as `SecurityLevel` there. Beyond loopback and a network that one
    trusts, `sign`."""
    users: dict[str, tuple[str, ...]] = {}
    """The passwords of each user, `env:NAME` or `file:PATH`; more than one while they are changed."""
    auth_file: str = ""
    """A file as collectd's own `AuthFile`, a line `user: password` each. It is read again when it changes."""
    types: tuple[str, ...] = ("/usr/share/collectd/types.db",)
    """Files with the names of values, for types beside the usual ones. What is not there is passed over."""
