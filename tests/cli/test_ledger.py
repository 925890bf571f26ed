"""`gadfly ledger`, against canned answers; against a real node it is tried in tests/fire and in the docs."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gadfly.ledger import anchor, receipt
from gadfly.ledger.entry import Entry
from gadfly.ledger.export import export
from gadfly.ledger.key import identity
from gadfly.ledger.log import Log
from gadfly.store.schema import migrate


def shown(index: int, sentence: str = "shop went down.") -> dict[str, Any]:
    return {
        "index": index,
        "at": 1_800_000_000.0,
        "kind": "flip",
        "who": "node",
        "by": "The node",
        "about": ["component:shop"],
        "sentence": sentence,
        "body": {},
    }


def standing(**more: Any) -> dict[str, Any]:
    return {
        "origin": "gadfly/north/1",
        "key": "k",
        "witness_key": "w",
        "size": 3,
        "root": "ab" * 32,
        "checkpoint": "",
        "trouble": "",
        "witnesses": [],
        "witnessed": [],
        "conflicts": [],
        **more,
    }


def witness(name: str, words: str = "") -> dict[str, Any]:
    return {"name": "south", "url": "u", "key": "k", "standing": name, "words": words, "size": 3, "at": 1.0}


def test_the_newest_stands_last(node: Any, gadfly: Any) -> None:
    node.gives("ledger", {"entries": [shown(7), shown(6), shown(5)], "before": None})
    code, out, _ = gadfly("ledger", "tail")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["5", "6", "7"]
    assert out.splitlines()[0].endswith("shop went down.")


def test_what_is_asked_for_is_asked_of_the_node(node: Any, gadfly: Any) -> None:
    node.gives("ledger", {"entries": [], "before": None})
    gadfly("ledger", "tail", "-n", "5", "--about", "component:a b", "--kind", "flip", "--who", "program:x")
    assert node.asked[-1][1] == "ledger?about=component%3Aa+b&kind=flip&who=program%3Ax&limit=5"


def test_json_is_one_entry_a_line(node: Any, gadfly: Any) -> None:
    node.gives("ledger", {"entries": [shown(1), shown(0)], "before": None})
    _, out, _ = gadfly("ledger", "tail", "--json")
    assert [json.loads(line)["index"] for line in out.splitlines()] == [0, 1]


def test_a_sentence_cannot_steer_the_terminal(node: Any, gadfly: Any) -> None:
    node.gives("ledger", {"entries": [shown(1, "\x1b[2Jgone\nnext")], "before": None})
    _, out, _ = gadfly("ledger", "tail")
    assert "\x1b" not in out
    assert len(out.splitlines()) == 1


def test_following_prints_each_entry_once(node: Any, gadfly: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [[shown(1), shown(0)], [shown(1), shown(0)], [shown(3), shown(2), shown(1)]]

    def wait(seconds: float) -> None:
        if not pages:
            raise KeyboardInterrupt
        node.gives("ledger", {"entries": pages.pop(0), "before": None})

    wait(0)
    monkeypatch.setattr("gadfly.cli.ledger.time.sleep", wait)
    code, out, _ = gadfly("ledger", "tail", "--follow")
    assert code == 130
    assert [line.split()[0] for line in out.splitlines()] == ["0", "1", "2", "3"]


def test_one_entry_whole(node: Any, gadfly: Any) -> None:
    whole = {**shown(4), "covered": True, "canonical": '{"about":[]}', "components": ["a", "b"]}
    node.gives("ledger/4", whole)
    _, out, _ = gadfly("ledger", "show", "4")
    assert out.splitlines()[0] == "shop went down."
    assert "4, covered by a checkpoint" in out
    assert "components 2: a, b" in out
    assert out.splitlines()[-1] == '{"about":[]}'


STANDINGS: list[tuple[dict[str, Any], int]] = [
    ({}, 0),
    ({"witnesses": [witness("cosigned")]}, 0),
    ({"witnesses": [witness("unreachable", "no answer")]}, 1),
    ({"witnesses": [witness("refused", "another key")]}, 1),
    ({"witnesses": [witness("cosigned"), witness("ahead", "older copy")]}, 2),
    ({"witnesses": [witness("contradicted", "changed")]}, 2),
    ({"trouble": "The ledger was cut"}, 2),
    ({"conflicts": [{"origin": "o", "at": 1.0, "why": "forked", "kept": "", "note": ""}]}, 2),
]


@pytest.mark.parametrize(("more", "code"), STANDINGS)
def test_the_exit_code_says_how_it_stands(node: Any, gadfly: Any, more: dict[str, Any], code: int) -> None:
    node.gives("ledger/standing", standing(**more))
    found, out, _ = gadfly("ledger", "witness")
    assert found == code
    assert "key of this ledger     k" in out
    for one in more.get("witnesses", []):
        assert one["words"] in out
    assert ("nobody witnesses it" in out) is not bool(more.get("witnesses"))


def test_witnesses_are_asked_now(node: Any, gadfly: Any) -> None:
    node.gives("ledger/ask", standing(), method="POST")
    assert gadfly("ledger", "witness", "--now")[0] == 0
    assert node.asked[-1][:2] == ("POST", "ledger/ask")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state folder of a node that is stopped, with 300 entries."""
    folder = tmp_path / "state"
    made = identity(folder, "north")
    log = Log(made.origin, made.key)
    connection = sqlite3.connect(folder / "gadfly.db", isolation_level=None)
    migrate(connection)
    connection.execute("BEGIN")
    for number in range(300):
        entry = Entry(
            kind="flip",
            who="node",
            about=("component:shop",),
            body={"n": number},
            at=1_800_000_000.0 + number,
        )
        log.append(connection, [entry])
    head = log.checkpoint(connection)
    connection.execute("COMMIT")
    assert head is not None
    anchor.keep(folder, head)
    connection.close()
    return folder


@pytest.fixture
def key(state: Path) -> str:
    made = identity(state, "north")
    return str(Log(made.origin, made.key).verifier)


def change(state: Path, sql: str) -> None:
    connection = sqlite3.connect(state / "gadfly.db", isolation_level=None)
    connection.execute(sql)
    connection.close()


def test_a_state_folder_is_audited_with_its_own_key_and_says_so(gadfly: Any, state: Path, key: str) -> None:
    code, out, _ = gadfly("ledger", "verify", str(state))
    assert code == 0
    assert out.startswith("sound: 300 entries, 300 under a checkpoint, root ")
    assert f"the key was taken from where the ledger is: {key}" in out
    assert "no witness" in out
    code, out, _ = gadfly("ledger", "verify", str(state / "gadfly.db"), "--key", key, "--json")
    assert code == 0
    assert json.loads(out)["sound"] is True
    assert "the key was taken" not in out


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET body = CAST(replace(body, 'shop', 'shoq') AS BLOB) WHERE id = 7",
        "DELETE FROM ledger_entry WHERE id = 299",
        "DELETE FROM ledger_tile",
    ],
)
def test_what_was_changed_is_named_and_the_exit_code_is_2(
    gadfly: Any, state: Path, key: str, sql: str
) -> None:
    change(state, sql)
    code, out, _ = gadfly("ledger", "verify", str(state), "--key", key)
    assert code == 2
    assert out.startswith("- ")
    assert "NOT SOUND" in out


def test_the_copy_beside_the_database_is_held_against_it(gadfly: Any, state: Path) -> None:
    for table in ("entry", "checkpoint", "tile", "about"):
        change(state, f"DELETE FROM ledger_{table}")
    code, out, _ = gadfly("ledger", "verify", str(state))
    assert code == 2
    assert "the ledger was cut" in out


def test_a_checkpoint_at_the_end_of_a_mail_is_held_against_it(
    gadfly: Any, state: Path, key: str, tmp_path: Path
) -> None:
    mail = tmp_path / "mail.eml"
    note = (state / anchor.NAME).read_text()
    mail.write_bytes(f"Subject: x\n\nLedger: 300 entries\n\n-- \n{note}\n".replace("\n", "\r\n").encode())
    assert gadfly("ledger", "verify", str(state), "--key", key, "--known", str(mail))[0] == 0
    (state / anchor.NAME).unlink()
    for table in ("entry", "checkpoint", "tile", "about"):
        change(state, f"DELETE FROM ledger_{table}")
    assert gadfly("ledger", "verify", str(state), "--key", key, "--known", str(mail))[0] == 2


def test_an_export_is_audited_with_a_key_that_is_brought(
    gadfly: Any, state: Path, key: str, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    code, out, _ = gadfly("ledger", "export", str(folder), "--state", str(state))
    assert (code, out.split(": ")[1].split(" of ")[0]) == (0, "300 entries")
    code, _, err = gadfly("ledger", "verify", str(folder))
    assert code == 3
    assert "--key" in err
    assert gadfly("ledger", "verify", str(folder), "--key", key)[0] == 0
    bundle = folder / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b"shop", b"shoq", 1))
    assert gadfly("ledger", "verify", str(folder), "--key", key)[0] == 2
    assert gadfly("ledger", "export", str(folder), "--state", str(state))[0] == 3


def test_a_receipt_is_verified_offline(gadfly: Any, state: Path, key: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(state / "gadfly.db")
    text = str(receipt.make(connection, 42))
    connection.close()
    file = tmp_path / "entry-42.tlog-proof"
    file.write_text(text)
    code, out, _ = gadfly("ledger", "verify", str(file), "--key", key)
    assert code == 0
    assert out.startswith("sound: entry 42 of gadfly/north/")
    file.write_text(text.replace("index 42", "index 41"))
    code, out, _ = gadfly("ledger", "verify", str(file), "--key", key)
    assert code == 2
    assert out.startswith("NOT SOUND: ")
    assert gadfly("ledger", "verify", str(file))[0] == 3


def test_a_live_node_is_audited_as_anybody_may(
    node: Any, gadfly: Any, state: Path, key: str, tmp_path: Path
) -> None:
    folder = tmp_path / "served"
    connection = sqlite3.connect(state / "gadfly.db")
    export(connection, folder)
    connection.close()
    for path in folder.rglob("*"):
        if path.is_file():
            node.answers["GET", f"/ledger/{path.relative_to(folder)}"] = (200, path.read_bytes())
    node.gives("ledger/standing", standing(key=key))
    code, out, _ = gadfly("ledger", "verify")
    assert code == 0, out
    assert out.startswith("sound: 300 entries")
    again = tmp_path / "again"
    assert gadfly("ledger", "export", str(again))[0] == 0
    assert (again / "entries.jsonl").read_bytes() == (folder / "entries.jsonl").read_bytes()
    node.answers["GET", "/ledger/tile/0/000"] = (200, bytes(8192))
    assert gadfly("ledger", "verify")[0] == 2


def test_a_receipt_is_written_where_it_is_wanted(
    node: Any, gadfly: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.answers["GET", "ledger/5/receipt"] = (200, b"c2sp.org/tlog-proof@v1\n")
    monkeypatch.chdir(tmp_path)
    code, out, _ = gadfly("ledger", "prove", "5")
    assert (code, out) == (0, "entry-5.tlog-proof\n")
    assert (tmp_path / "entry-5.tlog-proof").read_bytes() == b"c2sp.org/tlog-proof@v1\n"
    assert gadfly("ledger", "prove", "5", "-o", "-")[1] == "c2sp.org/tlog-proof@v1\n"
    assert gadfly("ledger", "prove", "5", "-o", "no/such/folder/x")[0] == 3


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--key", "nonsense"),
        ("verify", "/nowhere"),
        ("show", "x"),
        ("show", "-1"),
        ("tail", "-n", "0"),
        ("export",),
    ],
)
def test_what_makes_no_sense_is_said(node: Any, gadfly: Any, words: tuple[str, ...]) -> None:
    code, _, err = gadfly("ledger", *words)
    assert code == 3
    assert err
