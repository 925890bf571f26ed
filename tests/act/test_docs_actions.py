"""The page about actions: every kind is there, and what it shows is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gadfly.act import action
from gadfly.act.action import systemd
from gadfly.act.action.signal import SIGNALS
from gadfly.act.action.template import FIELDS
from gadfly.act.plans import expect

PAGE = (Path(__file__).parents[2] / "docs" / "actions.md").read_text()
EXAMPLES = dict(re.findall(r"^\| `([a-z]+)` \| `(.+)` \|$", PAGE, re.MULTILINE))
CONDITIONS = next(re.finditer(r"```text\n(.*?)```", PAGE, re.DOTALL))[1].splitlines()


def test_every_kind_is_there() -> None:
    assert set(EXAMPLES) == set(action.ACTIONS)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_is_taken(kind: str) -> None:
    action.check(EXAMPLES[kind])
    assert re.match(rf"{kind}[: ]", EXAMPLES[kind]) or EXAMPLES[kind] == kind


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_is_taken(text: str) -> None:
    expect.parse(text)


@pytest.mark.parametrize(
    "word", [*(f"{{{name}}}" for name in FIELDS), *SIGNALS, *(f"`{one}`" for one in systemd.VERBS)]
)
def test_every_word_is_explained(word: str) -> None:
    assert word in PAGE
