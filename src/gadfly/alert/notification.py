"""A notification as it lies in the outbox, and as Alertmanager's version 4 JSON."""

from __future__ import annotations

import datetime as dt
import hashlib
import urllib.parse
from typing import Any

import msgspec

from gadfly.alert.reported import fingerprint
from gadfly.ledger.checkpoint import Checkpoint

LISTED = 100
"""Alerts in one notification at most; more are counted. A page of mail, and 50 KB of JSON."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of the list. Times are seconds since the epoch."""

    component: str
    labels: dict[str, str]
    verdict: str
    reason: str
    because: str = ""
    starts: float
    ends: float | None = None
    title: str = ""
    """What people call it; empty: its component's name."""
    annotations: dict[str, str] | None = None
    """Of an alert that was reported; None: it is a component's verdict."""
    generator: str = ""
    """URL of what made it."""


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's newest signed tree head when a message left: nothing before it can change unseen."""

    origin: str
    size: int
    """Entries that it covers."""
    root: str
    """The root of the tree over them, in hexadecimal."""
    checkpoint: str
    """The signed note (C2SP tlog-checkpoint), with what witnesses signed beneath it."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Complete: whoever delivers it needs to ask nobody. Times are seconds since the epoch."""

    key: str
    """The same for every attempt, so that a receiver can drop a duplicate."""
    kind: str
    """A value of :class:`gadfly.alert.tell.Kind`."""
    status: str
    """`firing` or `resolved`."""
    incident: str
    sequence: int
    """1 for the first message of this incident to this target; grows by one."""
    target: str
    at: float
    opened: float
    subject: str
    """One line."""
    text: str
    cause: str
    items: tuple[Item, ...]
    total: int
    """Alerts this is about; those that are not listed included."""
    url: str
    """Where people see more."""
    node: str
    acknowledged: str = ""
    ledger: Seal | None = None
    """Added when it leaves."""
    drill: str = ""
    """The fire drill that it belongs to; empty: it is in earnest."""


def sealed(notification: Notification, checkpoint: Checkpoint) -> Notification:
    """The notification with the ledger's checkpoint, which its last line tells in short."""
    root = checkpoint.root.hex()
    line = f"Ledger: {checkpoint.size:,} entries, root {root[:16]}, signed by {checkpoint.origin}"
    return msgspec.structs.replace(
        notification,
        text=f"{notification.text}{line}\n",
        ledger=Seal(origin=checkpoint.origin, size=checkpoint.size, root=root, checkpoint=str(checkpoint)),
    )


def alertmanager(notification: Notification, receiver: str) -> dict[str, Any]:
    """Alertmanager's webhook payload, version 4 (its documentation: *webhook_config*).

    Beside what that has, it carries `title`, `text`, `kind`, `incident`, `idempotencyKey` and `ledger`, which
    receivers written for Alertmanager pass over; and in a fire drill `drill`, which is true.
    """
    page = notification.url.partition("#")[0]
    alerts = [_alert(item, page) for item in notification.items]
    common = _common([alert["labels"] for alert in alerts])
    about = notification.drill or notification.incident
    return {
        "version": "4",
        "groupKey": f"gadfly/{notification.node}/{about}/{notification.target}",
        "truncatedAlerts": max(0, notification.total - len(alerts)),
        "status": notification.status,
        "receiver": receiver,
        "groupLabels": {"incident": about, "cause": notification.cause},
        "commonLabels": common,
        "commonAnnotations": {
            **_common([alert["annotations"] for alert in alerts]),
            "summary": notification.subject,
            "description": notification.text,
        },
        "externalURL": notification.url,
        "alerts": alerts,
        "title": notification.subject,
        "text": notification.text,
        "kind": notification.kind,
        "incident": about,
        "idempotencyKey": notification.key,
        **({"drill": True} if notification.drill else {}),
        **({"ledger": msgspec.to_builtins(notification.ledger)} if notification.ledger else {}),
    }


def _alert(item: Item, page: str) -> dict[str, Any]:
    if item.annotations is not None:  # as whoever made it would have told it
        return {
            "status": "firing" if item.ends is None else "resolved",
            "labels": item.labels,
            "annotations": item.annotations,
            "startsAt": stamp(item.starts),
            "endsAt": "0001-01-01T00:00:00Z" if item.ends is None else stamp(item.ends),
            "generatorURL": item.generator or page,
            "fingerprint": fingerprint(item.labels),
        }
    annotations = {"summary": f"{item.component} is {item.verdict}: {item.reason}", "reason": item.reason}
    if item.because:
        annotations["because"] = item.because
    # The verdict may change while the alert goes on; what identifies it to a receiver must not.
    identity = sorted((name, value) for name, value in item.labels.items() if name != "verdict")
    return {
        "status": "firing" if item.ends is None else "resolved",
        "labels": {"alertname": "component", **item.labels},
        "annotations": annotations,
        "startsAt": stamp(item.starts),
        "endsAt": "0001-01-01T00:00:00Z" if item.ends is None else stamp(item.ends),
        "generatorURL": f"{page}#c={urllib.parse.quote(item.component, safe='')}",
        "fingerprint": hashlib.blake2b(msgspec.json.encode(identity), digest_size=8).hexdigest(),
    }


def stamp(at: float) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _common(dicts: list[dict[str, str]]) -> dict[str, str]:
    if not dicts:
        return {}
    first, *others = dicts
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}
