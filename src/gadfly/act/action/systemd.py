"""``systemd:restart orders-worker@{component}``: one verb on one unit, by `systemctl`.

A value becomes part of the unit's name as `systemd-escape` would write it (systemd.unit(5), *String
escaping*), so that a name with a blank, a slash or an asterisk names one unit and is never a pattern.
``systemd:restart orders-worker@{component} scope=user`` speaks to this user's own manager.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from typing import NamedTuple

from gadfly.act.action import process, template
from gadfly.act.action.command import variables
from gadfly.act.action.effect import Edge, Effect, State, unstarted
from gadfly.act.action.template import Template

VERBS = ("start", "stop", "restart", "reload", "try-restart", "reload-or-restart")
"""What may be done to a unit. Nothing that changes what is enabled or installed."""
LONGEST = 255
"""Characters of a unit's name, as systemd has it."""
ABSENT = {4: "the unit may not be touched by this user", 5: "there is no such unit"}
"""What systemctl ends with where nothing was done (its manual page, *Exit status*, after LSB)."""

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+")


class Unit(NamedTuple):
    """A parsed action."""

    verb: str
    unit: Template
    user: bool

    def filled(self, values: Mapping[str, str]) -> str:
        """The unit's name. ValueError where it cannot be one."""
        name = self.unit.fill(values, escape)
        if len(name) > LONGEST:
            raise ValueError(f'"{name[:40]}…" has {len(name)} characters; a unit has at most {LONGEST}')
        return name


def parse(text: str) -> Unit:
    """Read it. ValueError for whoever wrote it."""
    verb, *rest = text.split()
    user = rest[1:] == ["scope=user"]
    if verb not in VERBS:
        raise ValueError(f'"{verb[:40]}" is not done to units here; known are {", ".join(VERBS)}')
    if not rest or (len(rest) > 1 and not user):
        raise ValueError(
            "one unit is named, then perhaps scope=user: systemd:restart orders-worker@{component}"
        )
    unit = template.parse(rest[0])
    for piece in unit.pieces:
        if not piece.field and not _UNIT.fullmatch(piece.text):
            raise ValueError(f'"{piece.text[:80]}" cannot be part of a unit\'s name; no patterns, no options')
    if unit.fixed.startswith("-"):
        raise ValueError(f'"{unit.fixed[:80]}" would be an option')
    return Unit(verb, unit, user)


def escape(value: str) -> str:
    """As systemd-escape(1): ``/`` is ``-``; what is neither a letter, a digit, ``:``, ``_`` nor ``.`` is
    ``\\xNN``, as is a dot in front."""
    written = []
    for place, byte in enumerate(value.encode()):
        letter = chr(byte)
        if letter == "/":
            written.append("-")
        elif letter.isascii() and (letter.isalnum() or letter in ":_" or (letter == "." and place)):
            written.append(letter)
        else:
            written.append(f"\\x{byte:02x}")
    return "".join(written)


def check(text: str) -> None:
    """ValueError where it could never run."""
    if not text.split():
        raise ValueError("a verb and a unit: systemd:restart orders-worker@{component}")
    parse(text)


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """What would be run."""
    found = parse(text)
    return f"systemctl {'--user ' if found.user else ''}{found.verb} {found.filled(values)}"


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Run systemctl and wait until the manager says that the job is done."""
    if not edge.commands:
        return unstarted("programs are not run here: gate.commands is false")
    found = parse(text)
    program = shutil.which("systemctl")
    if program is None:
        return unstarted("there is no systemctl on this machine; the act belongs to one that runs systemd")
    try:
        name = found.filled(values)
    except ValueError as error:
        return unstarted(str(error))
    scope = ["--user"] if found.user else []
    known = {
        key: os.environ[key] for key in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS") if key in os.environ
    }
    effect = await process.run(
        [program, *scope, "--no-ask-password", "--no-pager", found.verb, "--", name],
        edge,
        {**variables(values), **(known if found.user else {})},
        {},
    )
    return _judged(effect, name)


def _judged(effect: Effect, name: str) -> Effect:
    """With the manual's exit statuses in words."""
    for code, words in ABSENT.items():
        if effect.state is State.finished and effect.words == f"systemctl ended with {code}":
            return Effect(
                state=State.unstarted, words=f"{name}: {words}", output=effect.output, seconds=effect.seconds
            )
    return effect
