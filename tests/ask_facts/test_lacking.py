"""Which facts a kind needs: what is written of it names tables and columns that there are."""

from __future__ import annotations

import msgspec

from gadfly.ask import kinds
from gadfly.ask.facts import TABLES
from gadfly.ask_facts.lacking import NEEDS, WHY, lacking, reads, silent


def test_every_kind_of_ours_says_what_it_needs_and_reads_it() -> None:
    every = kinds.load()
    assert set(NEEDS) == set(every)
    for name, needs in NEEDS.items():
        tables = set(reads(every[name].query))
        for need in needs:
            parts = [part.partition(".") for part in need.split("|")]
            assert any(table in tables for table, _, _ in parts), (name, need)
            for table, _, column in parts:
                assert not column or TABLES[table].column(column) is not None, (name, need)


def test_every_reason_is_of_a_table_and_column_that_there_is() -> None:
    for place in WHY:
        table, _, column = place.partition(".")
        assert not column or TABLES[table].column(column) is not None, place


def test_one_of_several_is_enough_and_a_column_needs_a_cell() -> None:
    kind = kinds.load()["for-longer-than-harm"]
    there = {"check": {"*": 3, "hold": 3}}
    assert len(lacking(kind, there)) == 1
    assert lacking(kind, {**there, "incident": {"*": 1}}) == ()
    assert lacking(kind, {"check": {"*": 3, "hold": 3, "budget": 1}}) == ()
    assert lacking(kind, {"check": {"*": 3}, "incident": {"*": 1}}) != ()


def test_a_kind_of_a_folder_needs_one_of_the_tables_that_it_reads() -> None:
    ours = kinds.load()["one-hero"]
    query = "SELECT c.name AS subject, 1 AS worse FROM component c LEFT JOIN rota r ON r.owner = c.owner"
    kind = msgspec.structs.replace(ours, name="mine", query=query)
    assert lacking(kind, {"component": {"*": 1}}) == ()
    (words,) = lacking(kind, {})
    assert "rota" in words
    assert "component" in words
    assert not silent(kind, {})
    assert lacking(msgspec.structs.replace(ours, name="mine", query="SELECT 1"), {}) == ()
