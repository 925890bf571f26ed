"""Facts that are told: kept by their keys, refused by line and column, read together with the node's own."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from gadfly.ask.facts import TABLES
from gadfly.ask_facts import given as given_facts
from gadfly.ask_facts import lacking
from gadfly.ask_facts.given import KEYS, GivenFacts
from gadfly.errors import FormatError, LimitError, Refused

ROTA = {"owner": "ops", "person": "p1", "level": 1, "starts": "2026-11-01T00:00:00Z"}


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture
def given(place: Any) -> GivenFacts:
    return GivenFacts(place.db, place.recorder.journal, place.clock, lambda: place.node.config, place.asking)


def test_every_table_has_a_key_of_its_own_columns() -> None:
    for name, table in TABLES.items():
        for column in KEYS.get(name, ("id",)):
            assert table.column(column) is not None, (name, column)


async def test_the_same_told_again_replaces_and_changes_nothing(given: GivenFacts) -> None:
    await given.put("rota", lines(ROTA), "ci")
    taken = await given.put("rota", lines({**ROTA, "ends": "2026-12-01T00:00:00Z"}), "ci")
    assert (taken.taken, taken.total) == (1, 1)
    (row,) = (await given.rows("rota", after="", limit=10)).rows
    assert row.cells["ends"] == 1_796_083_200.0


@pytest.mark.parametrize(
    ("table", "body", "words"),
    [
        ("rota", b'{"owner": "ops"}\n{"owner": "ops", "level": "x"}\n', r"body:2: level"),
        ("rota", b'{"owner": "ops", "oner": 1}\n', "did you mean 'owner'"),
        ("rota", b'{"person": "p1"}\n', "row 1: owner is needed"),
        ("rota", b"[]\n", "body:1"),
        ("rota", b"\xff\n", "not UTF-8"),
    ],
    ids=["value", "column", "key", "no object", "bytes"],
)
async def test_what_is_wrong_is_named_and_nothing_is_taken(
    given: GivenFacts, table: str, body: bytes, words: str
) -> None:
    with pytest.raises(FormatError, match=words):
        await given.put(table, body, "ci")
    assert (await given.rows(table, after="", limit=10)).rows == []


async def test_the_loop_goes_on_while_rows_are_read(
    given: GivenFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    read = given_facts.read
    monkeypatch.setattr(
        given_facts, "read", lambda *words: threads.append(threading.current_thread()) or read(*words)
    )
    await given.put("rota", lines(ROTA), "ci")
    assert threads
    assert threading.main_thread() not in threads


async def test_there_is_room_for_so_many_rows(place: Any, given: GivenFacts) -> None:
    place.take('[owner.ops]\ncontact = ["exec:/bin/true"]\n[ask]\nrows = 2\n')
    await given.put("rota", lines(ROTA, {**ROTA, "person": "p2"}), "ci")
    with pytest.raises(LimitError, match=r"ask\.rows is 2"):
        await given.put("rota", lines({**ROTA, "person": "p3"}), "ci")
    assert len((await given.rows("rota", after="", limit=10)).rows) == 2


async def test_rows_come_in_pages_and_go_one_by_one_or_all(given: GivenFacts) -> None:
    await given.put("rota", lines(*({**ROTA, "person": f"p{n}"} for n in range(3))), "ci")
    first = await given.rows("rota", after="", limit=2)
    rest = await given.rows("rota", after=first.next, limit=2)
    assert [one.cells["person"] for one in (*first.rows, *rest.rows)] == ["p0", "p1", "p2"]
    assert rest.next == ""
    assert (await given.delete("rota", first.rows[0].key, "ci")).gone == 1
    assert (await given.delete("rota", "", "ci")).gone == 2


async def test_there_is_no_other_table(given: GivenFacts) -> None:
    with pytest.raises(Refused, match="did you mean 'rota'"):
        await given.put("rotta", b"", "ci")


async def test_who_told_what_stands_in_the_ledger(place: Any, given: GivenFacts) -> None:
    await given.put("rota", lines(ROTA), "ci")
    (entry,) = await place.entries("token")
    assert (entry.who, entry.body["did"], entry.body["rows"]) == ("program:ci", "facts told", 1)


async def test_facts_of_the_api_of_the_folder_and_of_the_node_are_asked_together(
    place: Any, given: GivenFacts
) -> None:
    folder = place.folder / "facts.d"
    folder.mkdir()
    (folder / "owner.csv").write_text("name,members\nweb,3\n")
    place.take(f'[owner.ops]\ncontact = ["exec:/bin/true"]\n[ask]\nfacts = "{folder}"\n')
    await given.put("owner", lines({"name": "dba", "members": 2}), "ci")
    looked = await place.asking.look()
    assert looked.known["owner"]["*"] == 3
    assert looked.known["owner"]["members"] == 2
    (folder / "ownr.csv").write_text("name\nweb\n")
    with pytest.raises(FormatError, match="ownr"):
        await place.asking.look()


@pytest.mark.parametrize("form", ["folder", "api"])
async def test_what_is_told_of_what_the_node_knows_completes_its_row(
    place: Any, given: GivenFacts, form: str
) -> None:
    folder = place.folder / "facts.d"
    folder.mkdir()
    place.take(
        '[owner.ops]\ncontact = ["exec:/bin/true"]\nafter = "7m"\n'
        f'[owner.web]\ncontact = ["exec:/bin/true"]\n[ask]\nfacts = "{folder}"\n'
    )
    told = [{"name": "ops", "members": 3}, {"name": "dba", "members": 2}]
    told.append({"name": "ops", "members": 9, "since": 0, "until": 1})
    if form == "folder":
        (folder / "owner.jsonl").write_bytes(lines(*told))
    else:
        await given.put("owner", lines(*told), "ci")
    rows: list[dict[str, Any]] = []
    known = lacking.known

    def seen(world: Any) -> Any:
        rows.extend(world.ask("SELECT name, members, promise FROM owner ORDER BY name"))
        return known(world)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lacking, "known", seen)
        await place.asking.look()
    assert rows == [
        {"name": "dba", "members": 2, "promise": None},
        {"name": "ops", "members": 3, "promise": 420.0},
        {"name": "web", "members": None, "promise": None},
    ]


async def test_what_is_lacking_is_said_with_the_reason(place: Any, given: GivenFacts) -> None:
    before = await given.facts()
    assert before.looked is None
    assert all(one.lacks == [] for one in before.kinds)  # nobody has looked: nobody knows
    await place.asking.look()
    after = {one.name: one for one in (await given.facts()).kinds}
    assert after["unacted"].lacks == ["needs alert.page: nobody was told of an alert"]
    muted = '[ask.kind.unacted]\nmuted = true\nbecause = "not here, ever"\n'
    place.take(f'[owner.ops]\ncontact = ["exec:/bin/true"]\n{muted}')
    assert {one.name: one.muted for one in (await given.facts()).kinds}["unacted"] == "not here, ever"
