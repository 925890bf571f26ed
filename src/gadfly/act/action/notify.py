"""``notify:owner Worker {component} hangs again``: write to somebody who answers, by the node's own letters.

``owner`` is the target's owner; any other word is the name of one. Done means that the letter is on disk in
the outbox; that it arrives is the courier's work, which tries for hours.
"""

from __future__ import annotations

from collections.abc import Mapping

from gadfly.act.action import template
from gadfly.act.action.effect import Edge, Effect, State, unstarted
from gadfly.errors import StoreError

SUBJECT = 120
"""Characters of the text that stand in the subject."""


def check(text: str) -> None:
    """ValueError where it could never be sent."""
    to, _, words = text.strip().partition(" ")
    if not to or not words.strip():
        raise ValueError("to whom and what: notify:owner Worker {component} hangs again")
    if template.parse(to).fields:
        raise ValueError('to whom is "owner" (of the target) or the name of an owner, without fields')
    template.parse(words.strip())


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """What would be written, and to whom."""
    owner, words = _filled(text, values)
    return f'write to {owner}: "{words}"'


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Put the letter into the outbox."""
    if edge.tell is None:
        return unstarted("this executor writes no letters; the act belongs to a node")
    try:
        owner, words = _filled(text, values)
    except ValueError as error:
        return unstarted(str(error))
    began = edge.monotonic()
    subject = words if len(words) <= SUBJECT else words[: SUBJECT - 1] + "…"
    try:
        to = await edge.tell(owner, subject, words)
    except ValueError as error:
        return unstarted(str(error))
    except StoreError as error:
        # One transaction: it is on disk whole or not at all.
        return unstarted(f"the letter could not be stored: {error}")
    return Effect(
        state=State.finished, ok=True, words=f"the letter goes to {to}", seconds=edge.monotonic() - began
    )


def _filled(text: str, values: Mapping[str, str]) -> tuple[str, str]:
    to, _, words = text.strip().partition(" ")
    owner = values.get("owner", "") if to == "owner" else to
    if not owner:
        raise ValueError(f"nobody is named as the owner of {values.get('component', 'the target')}")
    return owner, template.parse(words.strip()).fill(values, str)
