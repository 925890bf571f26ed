"""The page with a script says of the four answers what the page of a link and the terminal say."""

from __future__ import annotations

from pathlib import Path

import pytest

from gadfly import web
from gadfly.ask.answers import ANSWERS, LONGEST, WRONG

SCRIPT = (Path(web.__file__).parent / "pages" / "answering.js").read_text()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer(name: str) -> None:
    said = ANSWERS[name]
    assert f'{name}: ["{said.title}", "{said.means}"]' in SCRIPT
    assert f'"{said.prompt}"' in SCRIPT


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong(name: str) -> None:
    assert f'"{name}": "{WRONG[name]}"' in SCRIPT


def test_how_long() -> None:
    assert f"rows: 2, maxlength: {LONGEST} " in SCRIPT
