"""Pings as Healthchecks.io takes them: what a path and a query say. Nothing here knows who may ping.

======================================  ==================================================
`/ping/ID`, `/ping/KEY/SLUG`            it ran, with success
`…/start`                               it starts
`…/fail`                                it failed
`…/log`                                 a note; how it is does not change
`…/N`                                   it ended with exit code N, 0 to 255
`?rid=UUID`                             which of several runs that overlap
`?create=1`                             with KEY and SLUG: make the job where there is none
======================================  ==================================================

The same without `/ping` in front, as addresses at hc-ping.com are, where ID is a UUID or KEY has 22 letters:
no other path of a node looks so.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

from gadfly.errors import FormatError

Action = Literal["success", "start", "fail", "log"]
OUTPUT = 100_000
"""Bytes of a ping's body that are kept."""
RUN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""A UUID."""
ID = re.compile(r"[A-Za-z0-9_-]{16,100}", re.ASCII)
"""What may be the id of a job, or a ping key."""
SLUG = re.compile(r"[a-z0-9_-]{1,100}", re.ASCII)
KEY_LENGTH = 22
"""Characters of the ping keys that Healthchecks makes."""
_ACTIONS: dict[str, Action] = {"start": "start", "fail": "fail", "log": "log"}
_NONE_OF_A_SLUG = re.compile(r"[^a-z0-9_]+")


class Said(NamedTuple):
    """What a ping says of a run."""

    action: Action
    exit: int
    """0 for success; 1 where only `/fail` was said."""
    run: str
    """Which run, a UUID in lower case; empty: it was not said."""


class Address(NamedTuple):
    """Whom a path may mean. Where both are set, it is `id` with an action if there is that id, else the
    other."""

    id: str
    """Empty: none."""
    key: str
    slug: str
    tail: str
    """The last part where `id` is meant: an action, or empty."""
    key_tail: str
    """The same where key and slug are meant."""


def address(path: str) -> Address | None:
    """Whom this path may mean; None where it is no ping's."""
    parts = path.split("/", 6)
    if parts[0] or len(parts) < 2:
        return None
    if parts[-1] == "":
        del parts[-1]  # a slash at the end, which curl users write
    bare = parts[1:2] != ["ping"]
    words = parts[1:] if bare else parts[2:]
    if not 1 <= len(words) <= 3 or not ID.fullmatch(words[0]):
        return None
    first = words[0]
    named = (not bare or len(first) == KEY_LENGTH) and len(words) >= 2 and bool(SLUG.fullmatch(words[1]))
    numbered = (not bare or RUN.fullmatch(first) is not None) and len(words) <= 2
    if not named and not numbered:
        return None
    return Address(
        first if numbered else "",
        first if named else "",
        words[1] if named else "",
        words[1] if numbered and len(words) == 2 else "",
        words[2] if named and len(words) == 3 else "",
    )


def said(tail: str, query: str) -> Said | None:
    """What is said. None where the path's last part is no action.

    FormatError, with the words of the refusal (status 400), where it cannot be one.
    """
    action: Action | None = _ACTIONS.get(tail)
    code = 0
    if action is None and tail:
        if not tail.isdecimal() or not tail.isascii():
            return None
        if len(tail) > 3 or int(tail) > 255:
            raise FormatError("invalid url format")
        code = int(tail)
    if action is None:
        action = "fail" if code else "success"
    elif action == "fail":
        code = 1
    run = ""
    if "rid=" in query:
        run = dict(parse_qsl(query, max_num_fields=20)).get("rid", "") if query.count("&") < 20 else "?"
        if not RUN.fullmatch(run):
            raise FormatError("invalid uuid format")
    return Said(action, code, run.lower())


def creates(query: str) -> bool:
    """Whether a job is to be made where there is none."""
    return "create=1" in query.split("&")


def slug(name: str) -> str:
    """A name as it stands in an address."""
    return _NONE_OF_A_SLUG.sub("-", name.lower()).strip("-")[:100]
