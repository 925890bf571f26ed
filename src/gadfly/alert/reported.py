"""Alerts that are no component's verdict: those of rules, of a Prometheus that sends its own, of log lines.

They take the same way as the alerts of components. What identifies one is its set of labels; its key stands
where a component's name stands for the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

import msgspec

from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

KIND = "alert"
"""The kind of the subject of such an alert; no component has it."""
MAY_WAIT = frozenset(
    ("warning", "warn", "info", "informational", "notice", "none", "low", "minor", "ticket", "debug")
)
"""Severities that wait for the owner's hours. Every other one, and none at all, is told at once: who writes
no severity does not say that it can wait."""
OUTSIDE = "alertmanager:"
"""How the sources of those begin that were sent to the node."""
SHOWN = 120
"""Characters of a title's labels."""
UNSAID = frozenset(("alertname", "severity", "owner", "group"))
"""Labels that a title leaves out: they tell alerts of one name hardly apart."""


class Reported(msgspec.Struct, frozen=True):
    """What somebody says of an alert. Times are seconds since the epoch."""

    labels: dict[str, str]
    """`alertname` among them; together the identity."""
    annotations: dict[str, str]
    starts: float
    ends: float | None = None
    """When it ended, or ends if it is not reported again; None: it fires until said otherwise."""
    source: str = ""
    """`rule:NAME`, `prediction:NAME`, `alertmanager:WHO` or `log:NAME`."""
    generator: str = ""
    """URL of what made it, or empty."""
    owner: str = ""
    """Who answers where neither its labels nor the component that it is about say it."""


def foreign(one: Reported, known: Reported) -> bool:
    """Whether somebody outside speaks of an alert that this node's own rules found: its labels are no secret,
    and its end must not be said by who does not know."""
    return one.source.startswith(OUTSIDE) and not known.source.startswith(OUTSIDE)


def key(labels: Mapping[str, str]) -> str:
    """What stands for the alert where a component's name would: `HighErrors#5a4c39081f0e2b77`."""
    digest = hashlib.blake2b(msgspec.json.encode(sorted(labels.items())), digest_size=8).hexdigest()
    return f"{labels.get('alertname', '')[:100]}#{digest}"


def fingerprint(labels: Mapping[str, str]) -> str:
    """As Prometheus and Alertmanager compute it (FNV-1a, 64 bits), so that receivers find it the same."""
    found = 14695981039346656037
    for name in sorted(labels):
        for byte in b"%b\xff%b\xff" % (name.encode(), labels[name].encode()):
            found = ((found ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return f"{found:016x}"


def verdict(labels: Mapping[str, str]) -> Verdict:
    """`degraded` for a severity that may wait, else `down`."""
    return Verdict.degraded if labels.get("severity", "").lower() in MAY_WAIT else Verdict.down


def title(labels: Mapping[str, str]) -> str:
    """What people read: `HighErrors (instance a:9100, job api)`."""
    apart = ", ".join(f"{name} {value}" for name, value in sorted(labels.items()) if name not in UNSAID)
    if len(apart) > SHOWN:
        apart = apart[: SHOWN - 1] + "…"
    name = labels.get("alertname", "") or "an alert without a name"
    return f"{name} ({apart})" if apart else name


def reason(annotations: Mapping[str, str]) -> str:
    """Why, in the words of whoever wrote the alert."""
    for name in ("summary", "description", "message", "title"):
        if text := annotations.get(name, "").strip():
            return text
    return ""


def named(labels: Mapping[str, str]) -> Iterator[str]:
    """What it may be about, the likeliest first: `component`, `instance`, that without its port."""
    if name := labels.get("component", ""):
        yield name
    if instance := labels.get("instance", ""):
        yield instance
        host, _, port = instance.rpartition(":")
        if host and port.isdecimal():
            yield host.strip("[]")


def subject(one: Reported, look_up: Callable[[str], Subject | None]) -> Subject:
    """The alert as routes, groups and people see it. It stands on the component that it is about.

    `look_up` tells who a component is, by its name or an address.
    """
    about = next((found for name in named(one.labels) if (found := look_up(name))), None)
    labels = one.labels
    return Subject(
        name=key(labels),
        kind=KIND,
        owner=labels.get("owner", "") or (about.owner if about else "") or one.owner,
        group=labels.get("group", "") or (about.group if about else ""),
        host=about.host if about else "",
        subnet=about.subnet if about else "",
        needs=(about.name,) if about else (),
        labels=labels,
        because=one.annotations.get("because", ""),
        declared=True,
    )
