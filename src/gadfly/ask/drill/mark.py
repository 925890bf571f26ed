"""What makes a letter of a drill plain: nobody may take it for a real one, whichever part of it they see."""

from __future__ import annotations

import re
import uuid

import msgspec

from gadfly.act.mail.notice import INCIDENT
from gadfly.alert.notification import Item, Notification

MARK = "[DRILL]"
KIND = "drill"
OVER = "drill over"
"""Of the letter that says so: it goes out even where the node was started anew meanwhile."""
LABEL = "drill"
"""A label of the synthetic series and of the alerts that are told, with the value `1`."""
LONGEST = 200

_ACK = re.compile(r"^Take it on: gadfly ack \S+", re.MULTILINE)


def marked(notification: Notification, name: str, because: str) -> Notification:
    """The notification as it leaves. `name`: the drill's, by which it is acknowledged; `because`: who drills
    what. Its key is a new one, and it belongs to no incident."""
    text = _ACK.sub(f"Take it on: gadfly ack {name}", notification.text)
    return msgspec.structs.replace(
        notification,
        key=uuid.uuid4().hex,
        kind=KIND,
        incident=INCIDENT,
        drill=name,
        subject=_line(notification.subject),
        cause=_line(notification.cause),
        text=f"{MARK} {because} What it tells of is made up.\n\n{text}",
        items=tuple(_item(item) for item in notification.items),
    )


def over(told: Notification, at: float, *, key: str) -> Notification:
    """What resolves such a notification where it was taken, with a `key` of its own: the same alerts, which
    ended `at`."""
    return msgspec.structs.replace(
        told,
        key=key,
        kind=OVER,
        status="resolved",
        sequence=told.sequence + 1,
        at=at,
        subject=_line(f"over: {told.subject.removeprefix(MARK).strip()}"),
        text=f"{MARK} The fire drill {told.drill} is over; what it told of was made up.\n",
        items=tuple(msgspec.structs.replace(item, ends=at) for item in told.items),
    )


def _item(item: Item) -> Item:
    annotations = item.annotations
    if annotations is not None:
        annotations = {
            name: f"{MARK} {text}" if name in ("summary", "description", "message", "title") else text
            for name, text in annotations.items()
        }
    return msgspec.structs.replace(
        item,
        labels={**item.labels, LABEL: "1"},
        title=f"{MARK} {item.title or item.component}",
        reason=_line(item.reason),
        annotations=annotations,
    )


def _line(text: str) -> str:
    if text.startswith(MARK):
        return text
    line = f"{MARK} {text}"
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
