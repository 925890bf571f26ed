"""Writing to somebody who answers: done when the letter is on disk, and never to nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gadfly.act.action import notify
from gadfly.act.action.effect import Edge, State
from gadfly.errors import StoreError

Make = Callable[..., Edge]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "to whom"),
        ("owner", "to whom"),
        ("{owner} hello", "without fields"),
        ("owner {nobody}", "no field"),
    ],
)
def test_what_does_not_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        notify.check(text)


@pytest.mark.parametrize(("to", "owner"), [("owner", "payments"), ("platform", "platform")])
async def test_writes_to_the_owner(to: str, owner: str, values: dict[str, str], edge: Make) -> None:
    letters = []

    async def tell(*letter: str) -> str:
        letters.append(letter)
        return "mailto:someone@example.org"

    text = f"{to} {{component}} hangs " + "again and " * 20
    effect = await notify.do(text, values, edge(tell=tell))
    assert (effect.state, effect.ok) == (State.finished, True)
    assert effect.words == "the letter goes to mailto:someone@example.org"
    [(who, subject, body)] = letters
    assert who == owner
    assert body.startswith("worker-3 hangs again")
    assert len(subject) == notify.SUBJECT
    assert notify.describe(text, values, edge()).startswith(f'write to {owner}: "worker-3 hangs')


async def test_where_nothing_was_written(values: dict[str, str], edge: Make) -> None:
    async def full(*letter: str) -> str:
        raise StoreError("the disk is full")

    async def nobody(*letter: str) -> str:
        raise ValueError("nobody has a contact")

    for at, own, said in (
        (edge(), values, "writes no letters"),
        (edge(tell=full), values, "the disk is full"),
        (edge(tell=nobody), values, "nobody has a contact"),
        (edge(tell=nobody), {**values, "owner": ""}, "nobody is named as the owner of worker-3"),
    ):
        effect = await notify.do("owner it hangs", own, at)
        assert effect.state is State.unstarted
        assert said in effect.words
