"""Tile paths and entry bundles, with the examples of the C2SP page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import LedgerError
from gadfly.ledger.tiles import Tile, bundle, parse, path, unbundle, wanted


@pytest.mark.parametrize(
    ("tile", "text"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 999, 17), "tile/1/999.p/17"),
        (Tile(None, 1000, 255), "tile/entries/x001/000.p/255"),
        (Tile(63, 12), "tile/63/012"),
    ],
)
def test_a_tile_has_one_path(tile: Tile, text: str) -> None:
    assert path(tile) == text
    assert parse(text) == tile


@pytest.mark.parametrize(
    "text",
    [
        "tile/0/x000/001",
        "tile/0/1",
        "tile/0/0001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/x001/x234/067/",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/../001",
        "/tile/0/001",
        "tile/entries/001.p/1/000",
        "tile/data/000",
        "tile/0/٠٠١",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(LedgerError):
        parse(text)


@given(st.none() | st.integers(0, 63), st.integers(0, 10**20), st.integers(1, 256))
def test_every_path_is_read_again(level: int | None, number: int, width: int) -> None:
    assert parse(path(Tile(level, number, width))) == Tile(level, number, width)


def test_the_tiles_of_a_tree_of_70000() -> None:
    found = [list(wanted(level, 70_000)) for level in range(4)]
    assert [len(tiles) for tiles in found] == [274, 2, 1, 0]
    assert [tiles[-1] for tiles in found[:3]] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(wanted(None, 70_000))[-1] == Tile(None, 273, 112)


def test_the_tiles_of_a_tree_of_256() -> None:
    assert [list(wanted(level, 256)) for level in range(3)] == [[Tile(0, 0)], [Tile(1, 0, 1)], []]


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_a_bundle_is_read_again(entries: list[bytes]) -> None:
    assert unbundle(bundle(entries)) == entries


@given(st.binary(max_size=300))
def test_any_bytes_are_a_bundle_to_the_letter_or_refused(data: bytes) -> None:
    try:
        found = unbundle(data)
    except LedgerError:
        return
    assert bundle(found) == data


@given(st.text(max_size=60) | st.text("0123456789x/.p", max_size=30).map("tile/0/{}".format))
def test_any_path_is_a_tile_to_the_letter_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except LedgerError:
        return
    assert path(found) == text


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_bundle_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(LedgerError, match="cut off"):
        unbundle(bundle([b"a", b"bc"])[:-cut])
