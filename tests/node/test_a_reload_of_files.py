"""A reload reads the files again that the configuration names, and says which of them changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gadfly.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.node.conftest import Place

RULE = "groups: [{name: g, rules: [{record: a, expr: %s}]}]"


async def test_files_that_came_changed_and_went_are_told(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    first, second, jobs = folder / "a.yml", folder / "b.yml", tmp_path / "p.yml"
    first.write_text(RULE % "1")
    jobs.write_text("scrape_configs: []")
    place.write(f"[rules]\nfiles = ['{folder}/*.yml']\n[scraping]\nfiles = ['{jobs}']\n")
    async with place.node() as node:
        assert await node.reload() == []
        second.write_text(RULE % "2")
        assert await node.reload() == [f"rule file {second} added"]
        first.write_text(RULE % "sum(")
        with pytest.raises(ConfigError, match="could not parse"):
            await node.reload()
        first.write_text(RULE % "3")
        jobs.write_text("scrape_configs: [{job_name: a}]")
        assert await node.reload() == [f"rule file {first} changed", f"scraping file {jobs} changed"]
        second.unlink()
        assert await node.reload() == [f"rule file {second} removed"]
        assert await node.reload() == []
