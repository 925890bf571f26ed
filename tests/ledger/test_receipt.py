"""Receipts are verified by us and by the script that shares nothing with us."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note, receipt
from gadfly.ledger.entry import Entry, encode
from gadfly.ledger.log import Log

Fill = Callable[..., None]
Make = Callable[..., Entry]

SCRIPT = Path(__file__).parents[2] / "examples" / "verify_receipt.py"
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_KEY = note.verifier_of("gadfly/w/1", WITNESS, note.COSIGNATURE)
STRANGER = note.verifier_of("gadfly/s/1", WITNESS, note.COSIGNATURE)


@pytest.fixture
def witnessed(connection: sqlite3.Connection, log: Log, fill: Fill) -> sqlite3.Connection:
    """300 entries; the checkpoint is cosigned."""
    fill(300)
    head = log.latest(connection)
    assert head is not None
    line = checkpoints.cosign(head.note.text, "gadfly/w/1", WITNESS, 1_790_000_305)
    log.cosigned(connection, 300, [line])
    return connection


def script(text: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    path = folder / "one.tlog-proof"
    path.write_text(text)
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(path), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("index", [0, 1, 255, 256, 298, 299])
def test_a_receipt_shows_its_entry(witnessed: sqlite3.Connection, log: Log, entry: Make, index: int) -> None:
    text = str(receipt.make(witnessed, index))
    assert str(receipt.parse(text)) == text
    shown = receipt.verify(text, log.verifier, [WITNESS_KEY], 1)
    assert (shown.index, shown.entry, shown.checkpoint.size) == (index, entry(index), 300)
    assert [one.at for one in shown.witnesses] == [1_790_000_305]


def test_the_script_shows_the_same(
    witnessed: sqlite3.Connection, log: Log, entry: Make, tmp_path: Path
) -> None:
    options = ("--key", str(log.verifier), "--witness", str(WITNESS_KEY), "--needed", "1")
    done = script(str(receipt.make(witnessed, 17)), tmp_path, *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        encode(entry(17)).decode(),
        "entry 17 of 300 in the ledger gadfly/test/00000001",
        "witnessed by gadfly/w/1 at 2026-09-21 14:18:25+00:00",
    ]


def test_the_script_needs_nothing_of_ours() -> None:
    assert "gadfly" not in "".join(line for line in SCRIPT.read_text().splitlines() if "import" in line)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--witness", str(STRANGER), "--needed", "1"), "0 witnesses cosigned"),
        (("--witness", str(WITNESS_KEY), "--needed", "2"), "1 witnesses cosigned"),
    ],
)
def test_the_script_counts_witnesses(
    witnessed: sqlite3.Connection, log: Log, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = script(str(receipt.make(witnessed, 17)), tmp_path, "--key", str(log.verifier), *options)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr


def test_neither_believes_another_key(witnessed: sqlite3.Connection, tmp_path: Path) -> None:
    other = note.verifier_of("gadfly/test/00000001", WITNESS)
    text = str(receipt.make(witnessed, 17))
    with pytest.raises(LedgerError, match="did not sign"):
        receipt.verify(text, other)
    assert "not signed by" in script(text, tmp_path, "--key", str(other)).stderr


def test_neither_believes_a_receipt_in_which_a_character_was_changed(
    witnessed: sqlite3.Connection, log: Log
) -> None:
    namespace: dict[str, object] = {"__name__": "script"}
    exec(compile(SCRIPT.read_text(), str(SCRIPT), "exec"), namespace)
    verify = namespace["verify"]
    assert callable(verify)
    text = str(receipt.make(witnessed, 17))
    assert verify(text, str(log.verifier), [str(WITNESS_KEY)], 1)
    generator = random.Random(3)
    for at in generator.sample(range(len(text)), 300):
        changed = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        with pytest.raises(LedgerError):
            receipt.verify(changed, log.verifier, [WITNESS_KEY], 1)
        # It is more lenient about spelling: what it believes must be the same entry in the same place.
        try:
            believed = verify(changed, str(log.verifier), [str(WITNESS_KEY)], 1)
        except ValueError:
            continue
        assert believed == verify(text, str(log.verifier), [str(WITNESS_KEY)], 1)


def test_an_entry_may_come_apart_from_its_proof(witnessed: sqlite3.Connection, log: Log, entry: Make) -> None:
    whole = receipt.make(witnessed, 17)
    bare = str(receipt.Receipt(whole.index, b"", whole.proof, whole.checkpoint))
    assert "extra" not in bare
    assert receipt.verify(bare, log.verifier, entry=whole.entry).entry == entry(17)
    with pytest.raises(LedgerError, match="not in the ledger"):
        receipt.verify(bare, log.verifier)


@pytest.mark.parametrize(("index", "size"), [(300, None), (-1, None), (5, 299), (256, 256)])
def test_no_receipt_of_what_no_checkpoint_covers(
    witnessed: sqlite3.Connection, index: int, size: int | None
) -> None:
    with pytest.raises(LedgerError, match="covers entry"):
        receipt.make(witnessed, index, size)


def test_a_missing_entry_is_said(witnessed: sqlite3.Connection) -> None:
    witnessed.execute("DELETE FROM ledger_entry WHERE id = 17")
    with pytest.raises(LedgerError, match="entry 17 is missing"):
        receipt.make(witnessed, 17)


@given(st.text(max_size=200) | st.text(max_size=100).map(lambda text: f"{receipt.HEADER}\nindex 1\n{text}"))
def test_any_text_is_refused_in_words_or_read_to_the_letter(text: str) -> None:
    try:
        found = receipt.parse(text)
    except LedgerError:
        return
    assert str(found) == text


def test_a_receipt_has_a_limit() -> None:
    with pytest.raises(LimitError):
        receipt.parse("x" * (receipt.LIMIT + 1))
