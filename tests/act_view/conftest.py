"""The acts of a small world as the web sees them: real engine, book, ledger and stops, in virtual time."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly.act.executing import board
from gadfly.act_view import ActView
from gadfly.act_view.grants import speaks_for
from gadfly.store.tokens import Token


def _engine() -> Any:
    path = Path(__file__).parents[1] / "act" / "engine" / "conftest.py"
    spec = importlib.util.spec_from_file_location("act_engine_world", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["act_engine_world"] = module
    spec.loader.exec_module(module)
    return module


engine = _engine()
TOKENS = {
    "anna": ("approve:payments", "act", "stop"),
    "boss": ("approve:platform", "stop"),
    "deploy": ("act",),
    "olga": ("admin",),
}


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    made = engine.World(tmp_path / "gadfly.db", monkeypatch)
    for number in range(10):
        made.view.add(f"w{number}", labels={"region": "eu" if number < 6 else "us"})
    yield made
    await made.end()


@pytest.fixture
def shown(world: Any) -> Callable[[], ActView]:
    """The view of the world; after its start."""
    tokens = [
        Token(
            id=number,
            name=f"{name}-laptop",
            scopes=scopes,
            digest=b"",
            person="" if name == "deploy" else name,
        )
        for number, (name, scopes) in enumerate(TOKENS.items())
    ]

    def make() -> ActView:
        def speaks(who: str) -> frozenset[str]:
            return speaks_for(who, tokens, world.config.owner, 0.0)

        world.acts._waiting.speaks_for = speaks
        return ActView(
            world.db,
            world.log,
            world.acts,
            board.Board(world.db, world.clock),
            world.acts._executor,
            world.view,
            world.clock,
            lambda: world.config,
            speaks_for=speaks,
            url="http://127.0.0.1:7171/",
            node="north",
        )

    return make
