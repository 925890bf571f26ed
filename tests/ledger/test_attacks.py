"""The attacks L1 to L5 on the ledger, each with what finds it, and what does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.errors import LedgerError
from gadfly.ledger import anchor, merkle, note, receipt
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.audit import audit
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.store.schema import migrate

Fill = Callable[..., None]
Make = Callable[..., Entry]

WITNESSES = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
KEYS = [note.verifier_of(f"gadfly/w{n}/1", key, note.COSIGNATURE) for n, key in enumerate(WITNESSES)]
START = 1_790_000_000


def cosign(connection: sqlite3.Connection, log: Log, at: int, *which: int) -> Checkpoint:
    """What witnesses do once they saw that the checkpoint continues all before."""
    head = log.latest(connection)
    assert head is not None
    log.cosigned(
        connection,
        head.size,
        [checkpoints.cosign(head.note.text, f"gadfly/w{n}/1", WITNESSES[n], at) for n in which],
    )
    found = log.latest(connection)
    assert found is not None
    return found


def rewritten(log: Log, entry: Make, count: int) -> sqlite3.Connection:
    """Another history, made with the right key."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    log.append(made, [entry(n) if n != 5 else entry(n + 1000, START + n) for n in range(count)])
    log.checkpoint(made)
    return made


def test_l1_a_changed_entry_breaks_its_receipt(connection: sqlite3.Connection, log: Log, fill: Fill) -> None:
    fill(300)
    connection.execute(
        "UPDATE ledger_entry SET body = CAST(replace(body, 'down', 'well') AS BLOB) WHERE id = 17"
    )
    assert not audit(connection, log.verifier).clean
    with pytest.raises(LedgerError, match="not in the ledger"):
        receipt.verify(receipt.make(connection, 17), log.verifier)


def test_l2_a_cut_or_an_older_copy_is_found_by_any_later_checkpoint(
    connection: sqlite3.Connection, log: Log, fill: Fill, tmp_path: Path
) -> None:
    fill(300)
    older = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(older)
    fill(50)
    later = log.latest(connection)
    assert later is not None
    anchor.keep(tmp_path, later)

    assert audit(older, log.verifier).clean  # alone, an older copy looks whole
    (problem,) = audit(older, log.verifier, known=[later]).problems
    assert "seen elsewhere covers 350 entries, and there are 300: the ledger was cut" in problem
    known = anchor.kept(tmp_path, log.verifier)
    assert known is not None
    with pytest.raises(LedgerError, match="was cut"):
        anchor.follow(older, known)
    anchor.follow(connection, known)
    older.close()


def test_l2_a_copy_that_went_on_another_way_is_found_too(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(300)
    older = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(older)
    fill(50)
    later = log.latest(connection)
    assert later is not None
    log.append(older, [entry(n + 5000, START + n) for n in range(300, 400)])
    log.checkpoint(older)
    assert audit(older, log.verifier).clean
    (problem,) = audit(older, log.verifier, known=[later]).problems
    assert "first 350 entries are not those" in problem
    with pytest.raises(LedgerError, match="rewritten"):
        anchor.follow(older, later)
    older.close()


def test_l3_a_rewritten_history_is_found_by_what_witnesses_cosigned_and_by_nothing_else(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(300)
    seen = cosign(connection, log, START + 305, 0, 1)
    assert audit(connection, log.verifier, witnesses=KEYS, needed=2, known=[seen]).clean

    other = rewritten(log, entry, 300)
    assert audit(other, log.verifier).clean  # without a witness it cannot be told
    report = audit(other, log.verifier, witnesses=KEYS, needed=2)
    assert any("no checkpoint has the cosignatures of 2" in problem for problem in report.problems)
    report = audit(other, log.verifier, witnesses=KEYS, known=[seen])
    assert any("first 300 entries are not those" in problem for problem in report.problems)
    forged = receipt.make(other, 5)
    assert receipt.verify(forged, log.verifier).index == 5
    with pytest.raises(LedgerError, match="0 of 2 witnesses"):
        receipt.verify(forged, log.verifier, KEYS, 1)
    # The old cosignatures do not fit the new history.
    lines = seen.note.signatures[1:]
    log.cosigned(other, 300, lines)
    report = audit(other, log.verifier, witnesses=KEYS, needed=2)
    assert any("is false" in problem for problem in report.problems)
    # And no proof leads from what a witness saw to it.
    log.append(other, [entry(n) for n in range(300, 310)])
    head = log.checkpoint(other)
    assert head is not None
    proof = log.consistency(other, 300, 310)
    assert not merkle.verify_consistency(300, seen.root, 310, head.root, proof)
    other.close()


def test_l4_two_views_are_found_when_their_checkpoints_meet(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(300)
    mine = log.latest(connection)
    other = rewritten(log, entry, 400)
    theirs = log.latest(other)
    assert mine is not None
    assert theirs is not None
    assert audit(connection, log.verifier).clean
    assert audit(other, log.verifier).clean
    assert not audit(other, log.verifier, known=[mine]).clean
    assert not audit(connection, log.verifier, known=[theirs]).clean
    with pytest.raises(LedgerError, match="rewritten"):
        anchor.follow(other, mine)
    other.close()


@pytest.mark.parametrize(("at", "found"), [(START + 20, "entry 310 is back-dated"), (START + 305, "")])
def test_l5_a_back_dated_entry_stands_behind_later_ones(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make, at: int, found: str
) -> None:
    fill(310)
    log.append(connection, [entry(310, at), entry(311)])
    log.checkpoint(connection)
    problems = audit(connection, log.verifier).problems
    assert bool(problems) is bool(found)
    assert all(found in problem for problem in problems)


def test_l5_cosignatures_bound_the_time_of_all_entries_even_where_the_clock_was_set_back(
    connection: sqlite3.Connection, log: Log, entry: Make
) -> None:
    log.append(connection, [entry(n, START + 0.0) for n in range(10)])
    log.checkpoint(connection)
    cosign(connection, log, START + 5000, 0)
    log.append(connection, [entry(n, START + 1.0) for n in range(10, 20)])  # its clock did not move
    log.checkpoint(connection)
    assert audit(connection, log.verifier, witnesses=KEYS, skew=1e9).clean
    report = audit(connection, log.verifier, witnesses=KEYS)
    assert len(report.problems) == 10
    assert all("back-dated" in problem for problem in report.problems)


def test_l5_an_entry_of_the_future_was_witnessed_before_its_time(
    connection: sqlite3.Connection, log: Log, entry: Make
) -> None:
    log.append(connection, [entry(0, START + 9000.0)])
    log.checkpoint(connection)
    cosign(connection, log, START + 10, 0)
    (problem,) = audit(connection, log.verifier, witnesses=KEYS).problems
    assert problem.startswith("entry 0 is post-dated")
