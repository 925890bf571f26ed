"""Appending, checkpoints, tiles and proofs: the same tree, however the entries came."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import log as logs
from gadfly.ledger import merkle, tiles
from gadfly.ledger import note as notes
from gadfly.ledger.audit import audit
from gadfly.ledger.entry import Entry, encode
from gadfly.ledger.log import Log
from gadfly.ledger.personal import Mask
from gadfly.ledger.tree import covered
from gadfly.store.schema import migrate

Fill = Callable[..., None]
Make = Callable[..., Entry]
Bodies = Callable[[int], list[bytes]]


def mth(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there."""
    if len(entries) < 2:
        return sha256(b"\0" + entries[0]).digest() if entries else sha256().digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\1" + mth(entries[:k]) + mth(entries[k:])).digest()


def test_an_append_gives_the_places(connection: sqlite3.Connection, log: Log, entry: Make) -> None:
    assert log.append(connection, [entry(0), entry(1)]) == range(2)
    assert log.append(connection, []) == range(2, 2)
    assert log.append(connection, [entry(2)]) == range(2, 3)
    assert [(index, one) for index, one, _ in log.read(connection, 1, 9)] == [(1, entry(1)), (2, entry(2))]


def test_nothing_new_is_no_checkpoint(connection: sqlite3.Connection, log: Log, entry: Make) -> None:
    assert log.checkpoint(connection) is None
    assert log.latest(connection) is None
    log.append(connection, [entry(0)])
    made = log.checkpoint(connection)
    assert made is not None
    assert made == log.latest(connection) == checkpoints.verify(str(made), log.verifier)
    assert log.checkpoint(connection) is None


def test_256_entries_make_a_checkpoint_themselves(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make, bodies: Bodies
) -> None:
    fill(250, checkpoint=False)
    assert log.latest(connection) is None
    log.append(connection, [entry(n) for n in range(250, 263)])
    head = log.latest(connection)
    assert head is not None
    assert (head.size, head.root) == (263, mth(bodies(263)))


@pytest.mark.parametrize("lot", [1, 64, 255])
def test_the_256th_entry_makes_it(connection: sqlite3.Connection, log: Log, entry: Make, lot: int) -> None:
    size = 0
    while size < 600:
        known = covered(connection)
        size = log.append(connection, [entry(n) for n in range(size, size + lot)]).stop
        assert covered(connection) == (size if size - known >= 256 else known)


@settings(max_examples=25, deadline=None)
@given(lots=st.lists(st.tuples(st.integers(1, 300), st.booleans()), min_size=1, max_size=6))
def test_every_way_of_growing_gives_the_same_tree(
    lots: list[tuple[int, bool]], entry: Make, bodies: Bodies
) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    log = Log("gadfly/test/2", logs.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    count = 0
    for lot, checkpoint in lots:
        log.append(connection, [entry(n) for n in range(count, count + lot)])
        count += lot
        if checkpoint:
            log.checkpoint(connection)
    log.checkpoint(connection)
    head = log.latest(connection)
    assert head is not None
    assert (head.size, head.root) == (count, mth(bodies(count)))
    assert audit(connection, log.verifier).problems == []
    connection.close()


@pytest.mark.long
def test_the_tree_goes_on_above_65536_entries(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make, bodies: Bodies
) -> None:
    fill(66_000, 3000)
    leaves = merkle.Peaks()
    for body in bodies(66_000):
        leaves.push(merkle.leaf_hash(body))
    head = log.latest(connection)
    assert head is not None
    assert head.root == leaves.root() == log.root(connection, 66_000)
    assert len(log.tile(connection, 2, 0, 1)) == 32
    report = audit(connection, log.verifier)
    assert (report.clean, report.entries, report.tiles) == (True, 66_000, 257 + 2 + 1)
    for index in (0, 65_535, 65_536, 65_999):
        proof = log.inclusion(connection, index, 66_000)
        leaf = merkle.leaf_hash(encode(entry(index)))
        assert merkle.verify_inclusion(leaf, index, 66_000, proof, head.root)


def test_proofs_between_all_checkpoints(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make, bodies: Bodies
) -> None:
    sizes = [1, 255, 256, 257, 300, 512, 700]
    for before, size in zip([0, *sizes], sizes, strict=False):
        fill(size - before)
    roots = {size: log.root(connection, size) for size in range(701)}
    assert all(roots[size] == mth(bodies(size)) for size in (0, *sizes, 511, 699))
    for new in sizes:
        for old in range(0, new + 1, 17):
            proof = log.consistency(connection, old, new)
            assert merkle.verify_consistency(old, roots[old], new, roots[new], proof)
        for index in range(0, new, 13):
            proof = log.inclusion(connection, index, new)
            leaf = merkle.leaf_hash(encode(entry(index)))
            assert merkle.verify_inclusion(leaf, index, new, proof, roots[new])


def test_tiles_are_what_a_client_needs(
    connection: sqlite3.Connection, log: Log, fill: Fill, bodies: Bodies
) -> None:
    fill(700)
    head = log.latest(connection)
    assert head is not None
    leaves = b""
    for tile in tiles.wanted(0, 700):
        hashes = log.tile(connection, 0, tile.number, tile.width)
        entries = tiles.unbundle(log.entries_tile(connection, tile.number, tile.width))
        assert hashes == b"".join(merkle.leaf_hash(body) for body in entries)
        leaves += hashes
    assert mth(bodies(700)) == head.root
    assert leaves == b"".join(merkle.leaf_hash(body) for body in bodies(700))
    assert log.tile(connection, 1, 0, 2) == merkle.full_root(leaves[:8192]) + merkle.full_root(
        leaves[8192:16384]
    )
    assert log.tile(connection, 0, 0, 100) == leaves[:3200]  # of an older tree


@pytest.mark.parametrize(
    ("level", "number", "width"), [(0, 2, 189), (0, 3, 1), (1, 0, 3), (2, 0, 1), (0, 0, 0)]
)
def test_there_is_no_tile_beyond_the_tree(
    connection: sqlite3.Connection, log: Log, fill: Fill, level: int, number: int, width: int
) -> None:
    fill(700)
    with pytest.raises(LedgerError, match="has no tile"):
        log.tile(connection, level, number, width)


@pytest.mark.parametrize(("number", "width"), [(2, 189), (3, 1), (0, 0)])
def test_there_is_no_bundle_beyond_the_tree(
    connection: sqlite3.Connection, log: Log, fill: Fill, number: int, width: int
) -> None:
    fill(700)
    with pytest.raises(LedgerError, match="no bundle"):
        log.entries_tile(connection, number, width)


def test_what_no_checkpoint_covers_is_not_proved(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make
) -> None:
    fill(10)
    log.append(connection, [entry(10)])
    with pytest.raises(LedgerError, match="No checkpoint covers 11"):
        log.root(connection, 11)
    with pytest.raises(LedgerError, match="no bundle"):
        log.entries_tile(connection, 0, 11)


def test_one_bad_entry_takes_its_lot_with_it(connection: sqlite3.Connection, log: Log, entry: Make) -> None:
    bad = Entry(kind="flip", who="node", body={"x": "y" * 70_000}, at=1.0)
    with pytest.raises(LimitError):
        log.append(connection, [entry(0), bad])
    assert log.read(connection, 0, 9) == []
    assert log.append(connection, [entry(0)]) == range(1)


def test_a_transaction_that_is_undone_leaves_nothing(
    connection: sqlite3.Connection, log: Log, fill: Fill, entry: Make, bodies: Bodies
) -> None:
    fill(200)
    connection.execute("BEGIN")
    log.append(connection, [entry(n) for n in range(900)])
    connection.execute("ROLLBACK")
    fill(300)
    head = log.latest(connection)
    assert head is not None
    assert head.root == mth(bodies(500))
    assert audit(connection, log.verifier).problems == []


def test_entries_are_found_by_subject_newest_first(
    connection: sqlite3.Connection, log: Log, fill: Fill
) -> None:
    fill(100)
    found = [index for index, _, _ in log.about(connection, "component:c3", 3)]
    assert found == [94, 87, 80]
    assert [index for index, _, _ in log.about(connection, "component:c3", 2, before=80)] == [73, 66]
    assert log.about(connection, "component:other") == []


def test_entries_are_found_by_who_wrote_them(connection: sqlite3.Connection, log: Log) -> None:
    log.append(connection, [Entry(kind="intent", who="automation:a", about=("component:b",), at=1.0)])
    assert [index for index, _, _ in log.about(connection, "automation:a")] == [0]


def test_persons_are_masked_where_they_are_written_and_looked_for(
    connection: sqlite3.Connection, log: Log
) -> None:
    mask = Mask(bytes(32))
    masked = Log(log.origin, log.key, mask)
    masked.append(
        connection, [Entry(kind="approval", who="person:anna", about=("person:bo", "owner:x"), at=1.0)]
    )
    ((_, found, body),) = masked.about(connection, "person:anna")
    assert found.who == f"person:{mask.of('anna')}"
    assert found.about == (f"person:{mask.of('bo')}", "owner:x")
    assert b"anna" not in body
    assert [index for index, _, _ in masked.about(connection, "person:bo")] == [0]


def test_old_checkpoints_are_thinned_and_cosigned_ones_stay(
    connection: sqlite3.Connection, log: Log, fill: Fill
) -> None:
    for step in range(12):
        fill(100)
        if step == 0:
            head = log.latest(connection)
            assert head is not None
            witness = logs.Ed25519PrivateKey.from_private_bytes(b"w" * 32)
            line = checkpoints.cosign(head.note.text, "gadfly/w/1", witness, 1_790_000_200)
            log.cosigned(connection, 100, [line])
    sizes = [size for (size,) in connection.execute("SELECT size FROM ledger_checkpoint ORDER BY size")]
    # Of each tile but the newest two the last is kept, and 100 for its cosignature.
    assert sizes == [100, 200, 500, 700, 800, 900, 1000, 1100, 1200]
    log.cosigned(connection, 300, [line])  # too late: it is gone, and nothing is kept without it
    assert connection.execute("SELECT size FROM ledger_cosignature").fetchall() == [(100,)]
    found = logs.at_size(connection, 100)
    assert found is not None
    assert found.note.signatures[1] == line
    assert logs.at_size(connection, 101) is None


def test_of_what_witnesses_signed_the_most_witnessed_of_each_16_entries_stays(
    connection: sqlite3.Connection, log: Log, fill: Fill
) -> None:
    witness = logs.Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    for size in range(4, 45, 4):
        fill(4)
        names = ("a", "b") if size in (20, 40) else ("a",)
        head = log.latest(connection)
        assert head is not None
        log.cosigned(
            connection, size, [checkpoints.cosign(head.note.text, name, witness, size) for name in names]
        )
    fill(1000)
    kept = [row[0] for row in connection.execute("SELECT size FROM ledger_checkpoint WHERE size < 100")]
    lines = connection.execute("SELECT size, name FROM ledger_cosignature ORDER BY size, name").fetchall()
    assert kept == [16, 20, 40, 44]  # the last of 1 to 16, those of two witnesses, the last of the tile
    assert lines == [(16, "a"), (20, "a"), (20, "b"), (40, "a"), (40, "b"), (44, "a")]
    keys = [notes.verifier_of(name, witness, notes.COSIGNATURE) for name in ("a", "b")]
    assert audit(connection, log.verifier, witnesses=keys, skew=1e10).clean


def test_the_last_time_a_witness_vouched_for(connection: sqlite3.Connection, log: Log, fill: Fill) -> None:
    assert logs.witnessed_at(connection) == 0.0
    witness = logs.Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    for at in (1_790_000_200, 1_790_000_100):  # another witness, whose clock is behind
        fill(10)
        head = log.latest(connection)
        assert head is not None
        line = checkpoints.cosign(head.note.text, f"gadfly/{at}/1", witness, at)
        log.cosigned(connection, head.size, [line])
    assert logs.witnessed_at(connection) == 1_790_000_200.0


def test_a_name_that_cannot_be_a_key_name_is_refused(log: Log) -> None:
    with pytest.raises(LedgerError):
        Log("two words", log.key)
