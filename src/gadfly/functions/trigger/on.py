"""What is written in `on`, understood. Pure."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from gadfly import secret
from gadfly.errors import QueryError
from gadfly.functions.trigger import cron
from gadfly.pattern import compiled
from gadfly.store.logs import SEVERITIES

FORMS = (
    "`schedule: 15 3 * * * Europe/Berlin`, `webhook: github env:SECRET`, `webhook: standard env:SECRET` "
    "(with `answered` before the secret the sender waits for the answer) or `logs: unit=nginx match=error`"
)
SECRETS = 4
"""Secrets of one webhook: the old and the new one, of two senders."""
_PAIR = re.compile(r"(source|host|unit|severity)=(\S+)(?:\s+|$)", re.ASCII)


class Schedule(msgspec.Struct, frozen=True):
    """`text` is as it was written, without blanks that mean nothing; it names the trigger."""

    text: str
    cron: cron.Cron


class Webhook(msgspec.Struct, frozen=True):
    """`secrets`: references, any of which may have signed. `answered`: the sender waits for the answer."""

    text: str
    kind: Literal["github", "standard"]
    secrets: tuple[str, ...]
    answered: bool = False


class Lines(msgspec.Struct, frozen=True):
    """Which lines of logs; what is empty asks for nothing. `host`, `unit`, `source` know `*` and `?`."""

    text: str
    source: str = ""
    host: str = ""
    unit: str = ""
    severity: int = 7
    match: str = ""


On = Schedule | Webhook | Lines


def read(text: str) -> On:
    """The trigger in `text`. ValueError, with a message for whoever wrote it, where it is none."""
    kind, colon, rest = text.strip().partition(":")
    rest = rest.strip()
    if colon and kind == "schedule":
        return Schedule(f"schedule: {' '.join(rest.split())}", cron.parse(rest))
    if colon and kind == "webhook":
        return _webhook(rest)
    if colon and kind == "logs":
        return _lines(rest)
    raise ValueError(f'"{text[:80]}" calls nothing; write {FORMS}')


def _webhook(text: str) -> Webhook:
    words = text.split()
    if not words or words[0] not in ("github", "standard"):
        raise ValueError(
            f'"{text[:80]}": write who signs (github or standard), then where the secret is: '
            "webhook: github env:SECRET"
        )
    answered = words[1:2] == ["answered"]
    secrets = tuple(words[2 if answered else 1 :])
    if not 1 <= len(secrets) <= SECRETS or not all(map(secret.is_reference, secrets)):
        raise ValueError(
            f'"{words[0]}" needs one to {SECRETS} secrets, each as env:NAME or file:PATH: without one '
            "anybody could call the function"
        )
    kind: Literal["github", "standard"] = "github" if words[0] == "github" else "standard"
    return Webhook(f"webhook: {' '.join(words)}", kind, secrets, answered)


def _lines(text: str) -> Lines:
    found: dict[str, str] = {}
    rest = text
    while (pair := _PAIR.match(rest)) is not None:
        if pair[1] in found:
            raise ValueError(f"{pair[1]}= stands there twice; write two triggers")
        found[pair[1]] = pair[2]
        rest = rest[pair.end() :]
    pattern = ""
    if rest.startswith("match="):
        pattern = rest.removeprefix("match=").strip()
        try:
            compiled(pattern)
        except QueryError as error:
            raise ValueError(str(error)) from None
    elif rest:
        raise ValueError(
            f'"{rest[:80]}" asks for nothing; write source=, host=, unit=, severity= and, as the last, match='
        )
    if not found and not pattern:
        raise ValueError("every line of every log would call it; name at least a unit, a host or a pattern")
    severity = found.pop("severity", "debug")
    if severity not in SEVERITIES:
        raise ValueError(f'"{severity[:40]}" is no severity; write one of {", ".join(SEVERITIES)}')
    return Lines(text=f"logs: {text}", match=pattern, severity=SEVERITIES.index(severity), **found)
