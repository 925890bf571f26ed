"""``command /usr/local/bin/restart --soft {component}``: a program with its arguments. No shell.

The text is split into words first and filled then, so that a value is always part of one word. A value does
not become an option (``-rf``) nor leave its folder (``../``), nor a program (of ``sh -c``).
``env.NAME=file:PATH`` among the words hands a secret over in the environment; it stands in no process list.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from gadfly import secret
from gadfly.act.action import process, syntax, template
from gadfly.act.action.effect import Edge, Effect, revealed, unstarted
from gadfly.act.action.template import Template

WORDS = 64
"""Words of one command at most."""

_SECRET = re.compile(r"env\.([A-Za-z_][A-Za-z0-9_]{0,62})=(.*)", re.DOTALL)


class Command(NamedTuple):
    """A parsed command."""

    words: tuple[Template, ...]
    secrets: dict[str, str]
    """Name of a variable → the reference to its value."""

    def filled(self, values: Mapping[str, str]) -> list[str]:
        """The words for one target. ValueError where a value cannot be one."""
        return [_word(word, values) for word in self.words]


def parse(text: str, more: tuple[str, ...] = ()) -> Command:
    """Read it. `more` are fields beside the usual ones. ValueError for whoever wrote it."""
    try:
        written = shlex.split(text)
    except ValueError as error:
        raise ValueError(f'"{text[:80]}" cannot be split into words: {error}') from None
    words: list[Template] = []
    secrets: dict[str, str] = {}
    for word in written:
        found = _SECRET.fullmatch(word)
        if found is None:
            words.append(template.parse(word, more))
        elif syntax.loads(found[1]):
            raise ValueError(f"env.{found[1]} decides what is run, and is no secret; leave it out")
        elif not secret.is_reference(found[2]):
            raise ValueError(f"env.{found[1]} is a secret; write env.{found[1]}=env:NAME or file:PATH")
        else:
            secrets[found[1]] = found[2]
    if not words or words[0].fields or not words[0].fixed.startswith("/"):
        raise ValueError("it begins with the full path of a program, without fields: /usr/local/bin/…")
    syntax.check(words)
    if len(words) > WORDS:
        raise ValueError(f"{len(words)} words; at most {WORDS} are taken")
    return Command(tuple(words), secrets)


def check(text: str) -> None:
    """ValueError where it could never run."""
    parse(text)


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """What would be run. ValueError where nothing would be, with the reason."""
    return f"run {shlex.join(parse(text).filled(values))}"


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Run it."""
    return await launch(parse(text), values, edge)


async def launch(command: Command, values: Mapping[str, str], edge: Edge) -> Effect:
    """Fill and run a parsed command."""
    if not edge.commands:
        return unstarted("programs are not run here: gate.commands is false")
    try:
        words, secrets = command.filled(values), revealed(command.secrets)
    except ValueError as error:
        return unstarted(str(error))
    return await process.run(words, edge, variables(values), secrets)


def variables(values: Mapping[str, str]) -> dict[str, str]:
    """What a program may want to know of the act, `GADFLY_FENCE` to refuse an older one."""
    known = ("automation", "component", "intent", "fence")
    return {f"GADFLY_{name.upper()}": values[name] for name in known if values.get(name)}


def _word(word: Template, values: Mapping[str, str]) -> str:
    path = any("/" in piece.text for piece in word.pieces if not piece.field)

    def escape(value: str) -> str:
        if value in (".", "..") or (path and "/" in value):
            raise ValueError(f'"{value}" would lead out of its folder')
        return value

    filled = word.fill(values, escape)
    if filled.startswith("-") and not word.fixed:
        raise ValueError(f'"{filled}" would be an option; write the field behind a word of its own')
    return filled
