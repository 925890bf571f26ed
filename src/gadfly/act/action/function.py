"""``function:tidy-uploads json.KEY=TEXT``: call a function for the target, and take its answer for the act's.

The function gets what is acted on, and the intent, as an event of EventBridge has it; the words
``json.KEY=TEXT`` are its `parameters`. It can do what was granted to the function, whatever the automation
may. One intent calls it once for each target.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import NamedTuple

from gadfly.act.action import template
from gadfly.act.action.effect import Edge, Effect, unstarted
from gadfly.act.action.template import Template

SHOWN = ("component", "group", "cell", "region", "environment", "owner", "kind", "automation", "intent")
"""What the function is told of the target and the act."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
_OPTION = re.compile(r"json\.([A-Za-z0-9_.-]{1,64})=(.*)", re.DOTALL)


class Call(NamedTuple):
    """A parsed action."""

    name: str
    parameters: dict[str, Template]


def parse(text: str) -> Call:
    """Read it. ValueError for whoever wrote it."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f'"{text[:80]}" cannot be split into words: {error}') from None
    if not words or not _NAME.fullmatch(words[0]):
        raise ValueError("a function by its name: function:tidy-uploads json.which={component}")
    parameters: dict[str, Template] = {}
    for word in words[1:]:
        found = _OPTION.fullmatch(word)
        if found is None:
            raise ValueError(f'"{word[:40]}" is not json.KEY=TEXT')
        parameters[found[1]] = template.parse(found[2])
    return Call(words[0], parameters)


def check(text: str) -> None:
    """ValueError where it could never be called."""
    parse(text)


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """Which function would be called, with what."""
    call = parse(text)
    said = "".join(f" {key}={text.fill(values, str)}" for key, text in call.parameters.items())
    return f"call the function {call.name} for {values.get('component') or 'the target'}{said}"


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Call it, and wait for its answer."""
    if edge.function is None:
        return unstarted("this executor has no functions; the act belongs to a node")
    call = parse(text)
    detail = {key: values[key] for key in SHOWN if values.get(key)}
    try:
        detail_parameters = {key: text.fill(values, str) for key, text in call.parameters.items()}
    except ValueError as error:
        return unstarted(str(error))
    automation, intent = values.get("automation", ""), values.get("intent", "")
    key = f"intent {intent} {values.get('component', '')}"
    event = {**detail, "parameters": detail_parameters}
    return await edge.function(call.name, event, f"automation:{automation}", key)
