"""The simulated company: equal for equal seeds, with every seed and twin, in tables as documented."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from fleet.build import build
from fleet.calendar import END
from fleet.fleet import Fleet
from gadfly.ask.facts import TABLES


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return build(3, components=30)


def test_the_same_seed_makes_the_same_company(fleet: Fleet) -> None:
    assert build(3, components=30).tables.digest() == fleet.tables.digest()


def test_another_seed_makes_another_one(fleet: Fleet) -> None:
    assert build(4, components=30).tables.digest() != fleet.tables.digest()


def test_every_kind_has_one_seed_and_one_twin(fleet: Fleet) -> None:
    counts = Counter((one.kind, one.sort) for one in fleet.defects)
    assert len({kind for kind, _ in counts}) == 77
    assert set(counts.values()) == {1}
    assert {sort for _, sort in counts} == {"seed", "twin"}


def test_seeds_have_a_harm_and_are_born_in_time(fleet: Fleet) -> None:
    seeds = [one for one in fleet.defects if one.sort == "seed"]
    assert {one.harm for one in seeds} == {0, 1, 2, 3}
    assert all(-400 <= one.born < 170 for one in seeds)


def test_no_two_plants_share_a_thing(fleet: Fleet) -> None:
    """What is planted for one must not disturb another."""
    owners = {team.name for team in fleet.teams}
    places = [(one.component, one.kind, one.sort) for one in fleet.defects if one.component]
    assert len({component for component, *_ in places}) == len(places)
    assert not owners & {component for component, *_ in places}


def test_every_table_of_the_facts_is_filled(fleet: Fleet) -> None:
    empty = [name for name in TABLES if not len(next(iter(fleet.tables.whole(name).values()), ()))]
    assert empty == []


def test_nothing_was_seen_after_the_end(fleet: Fleet) -> None:
    """An alert may begin shortly before it; a plan may lie in the future."""
    assert max(row["started"] for row in fleet.tables.rows["alert"]) < END + 20 * 86_400
    assert fleet.tables.whole("sample_daily")["day"].max() == END // 86_400 - 1


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_it_is_a_folder_of_files(fleet: Fleet, tmp_path: Path, form: str) -> None:
    fleet.write(tmp_path / "facts", form)
    assert {path.name for path in (tmp_path / "facts").iterdir()} == {f"{name}.{form}" for name in TABLES}
    assert (tmp_path / "facts.truth.json").is_file()
