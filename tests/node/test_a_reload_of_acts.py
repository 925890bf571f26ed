"""What may be done changes whole with a reload, or not at all: what cannot be read is not recorded either."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from gadfly.act import scene

if TYPE_CHECKING:
    from tests.node.conftest import Place


async def test_what_cannot_be_prepared_is_not_recorded(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with place.node() as node:

        def written(connection: sqlite3.Connection) -> int:
            found = node.recorder.log.read(connection, 0, 1000)
            return sum(entry.kind == "configuration" for _, entry, _ in found)

        def refuse(*about: object) -> None:
            raise OverflowError("date value out of range")

        before, config = await node.db.read(written), node.config
        with monkeypatch.context() as broken:
            broken.setattr(scene.grant, "rules", refuse)
            place.write('[component.web]\nowner = "ops"\n')
            with pytest.raises(OverflowError):
                await node.reload()
        assert node.config is config
        assert await node.db.read(written) == before
        await node.reload()
        assert await node.db.read(written) == before + 1
