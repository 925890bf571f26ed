"""A witness cosigns what continues all it saw before, and nothing else (C2SP tlog-witness)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import cosigning, merkle, witness
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.cosigning import Answer, Standing, request, understand
from gadfly.ledger.note import Note, Verifier, signature, verifier_of
from gadfly.ledger.witness import Conflict, Denied, Witness

LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ORIGIN = "gadfly/north/1"
LOGS = {ORIGIN: verifier_of(ORIGIN, LOG)}
AT = 1_800_000_000.0

Tree = list[bytes]


def leaves(count: int, word: str = "entry") -> Tree:
    return [merkle.leaf_hash(f"{word} {number}".encode()) for number in range(count)]


def node(tree: Tree) -> merkle.Node:
    return lambda level, number: merkle.full_root(b"".join(tree[number << level : (number + 1) << level]))


def head(tree: Tree, key: Ed25519PrivateKey = LOG, origin: str = ORIGIN) -> Checkpoint:
    return checkpoints.signed(origin, len(tree), merkle.root(len(tree), node(tree)), key)


def asking(old: int, tree: Tree, key: Ed25519PrivateKey = LOG) -> bytes:
    proof = merkle.consistency(old, len(tree), node(tree)) if old else []
    return request(old, proof, head(tree, key))


@pytest.fixture
def one() -> Witness:
    return Witness("gadfly/south/2", OTHER)


def add(connection: sqlite3.Connection, by: Witness, body: bytes, at: float) -> str | Conflict:
    """What a node does with a request."""
    request, new = witness.trusted(body, LOGS)
    judged = witness.judge(request, new, witness.kept(connection, new.origin))
    return by.keep(connection, judged, at) or by.sign(new, at)


def test_a_ledger_that_grows_is_cosigned_each_time(connection: sqlite3.Connection, one: Witness) -> None:
    old = 0
    for size in (1, 2, 7, 8, 300, 300):
        tree = leaves(size)
        line = add(connection, one, asking(old, tree), AT + size)
        assert isinstance(line, str)
        note = head(tree).note
        (seen,) = checkpoints.cosigned(Note(note.text, (signature(line.rstrip("\n")),)), [one.verifier])
        assert seen.at == int(AT + size)
        kept = witness.kept(connection, ORIGIN)
        assert kept is not None
        assert (kept.size, kept.root) == (size, head(tree).root)
        old = size


Body = Callable[[], bytes]
GARBLED = "old 5\n\ngadfly/north/1\nx\n\n— a b\n"

REFUSED: dict[str, tuple[Body, int, str]] = {
    "not UTF-8": (lambda: b"\xff\xfe", 400, "UTF-8"),
    "nothing": (lambda: b"", 400, "old SIZE"),
    "a leading zero": (lambda: asking(5, leaves(9)).replace(b"old 5", b"old 05"), 400, "old SIZE"),
    "no checkpoint": (lambda: b"old 5\n\nnothing\n", 400, "not a signed note"),
    "garbled": (lambda: GARBLED.encode(), 400, ""),
    "a proof of half a hash": (lambda: b"old 5\nAAAA\n\n" + str(head(leaves(9))).encode(), 400, "32 bytes"),
    "64 hashes": (
        lambda: request(5, [bytes(32)] * 64, head(leaves(9))),
        400,
        "63 hashes",
    ),
    "an old size beyond the new": (lambda: request(9, [], head(leaves(8))), 400, "beyond"),
    "an unknown ledger": (lambda: request(0, [], head(leaves(3), LOG, "gadfly/x/9")), 404, "not witnessed"),
    "another key": (lambda: asking(5, leaves(9), OTHER), 403, "no signature"),
    "a false signature": (
        lambda: asking(5, leaves(9)).replace(b"\n9\n", b"\n8\n"),
        403,
        "no signature",
    ),
    "a size that we know better": (lambda: asking(3, leaves(9)), 409, "5\n"),
    "nothing known": (lambda: asking(0, leaves(9)), 409, "5\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_protocol_refuses(connection: sqlite3.Connection, one: Witness, name: str) -> None:
    add(connection, one, asking(0, leaves(5)), AT)
    body, status, words = REFUSED[name]
    with pytest.raises(Denied) as denied:
        add(connection, one, body(), AT)
    assert denied.value.status == status
    assert words in denied.value.text
    assert (denied.value.media == "text/x.tlog.size") is (status == 409)
    kept = witness.kept(connection, ORIGIN)
    assert kept is not None
    assert kept.size == 5
    assert witness.conflicts(connection) == []


def test_two_histories_of_one_length_are_kept_as_evidence(
    connection: sqlite3.Connection, one: Witness
) -> None:
    add(connection, one, asking(0, leaves(5)), AT)
    forged = leaves(5, "forged")
    found = add(connection, one, asking(5, forged), AT + 1)
    assert isinstance(found, Conflict)
    assert (found.why, found.first) == ("forked", True)
    denied = witness.refusal(found)
    assert (denied.status, denied.text, denied.media) == (409, "5\n", "text/x.tlog.size")
    again = add(connection, one, asking(5, forged), AT + 2)
    assert isinstance(again, Conflict)
    assert not again.first
    (kept,) = witness.conflicts(connection)
    # Both notes are signed by the ledger: whoever has its key can judge.
    for note in (kept.kept, kept.note):
        checkpoints.verify(note, LOGS[ORIGIN])


def test_a_history_rewritten_and_grown_is_not_cosigned(connection: sqlite3.Connection, one: Witness) -> None:
    add(connection, one, asking(0, leaves(5)), AT)
    forged = leaves(9, "forged")
    found = add(connection, one, asking(5, forged), AT + 1)
    assert isinstance(found, Conflict)
    assert (found.why, witness.refusal(found).status) == ("unproved", 422)
    assert add(connection, one, asking(5, leaves(9)), AT + 2)


def test_before_the_first_checkpoint_there_is_nothing_to_prove(
    connection: sqlite3.Connection, one: Witness
) -> None:
    with pytest.raises(Denied) as denied:
        add(connection, one, request(0, [bytes(32)], head(leaves(9))), AT)
    assert denied.value.status == 422


def test_conflicts_are_bounded(connection: sqlite3.Connection, one: Witness) -> None:
    add(connection, one, asking(0, leaves(2)), AT)
    for number in range(witness.CONFLICTS + 5):
        add(connection, one, asking(2, leaves(2, f"forged {number}")), AT)
    assert len(witness.conflicts(connection, 1000)) == witness.CONFLICTS


@pytest.mark.parametrize("between", [leaves(5), leaves(7), leaves(8)])
def test_of_two_requests_at_once_the_second_is_told_what_the_first_left(
    connection: sqlite3.Connection, one: Witness, between: Tree
) -> None:
    add(connection, one, asking(0, leaves(5)), AT)
    last = witness.kept(connection, ORIGIN)
    judged = witness.judge(*witness.trusted(asking(5, leaves(7)), LOGS), last)
    add(connection, one, asking(5, between), AT + 1)
    if len(between) == 5:  # the same checkpoint once more: nothing changed
        assert one.keep(connection, judged, AT + 2) is None
        return
    with pytest.raises(Denied) as denied:
        one.keep(connection, judged, AT + 2)
    assert (denied.value.status, denied.value.text) == (409, f"{len(between)}\n")


def test_nothing_is_verified_or_signed_while_others_wait_to_write(
    connection: sqlite3.Connection, one: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = witness.judge(*witness.trusted(asking(0, leaves(5)), LOGS), None)
    for module, name in (
        (witness, "parse"),
        (witness, "verify_consistency"),
        (witness.notes, "verified"),
        (checkpoints, "cosign"),
    ):
        monkeypatch.delattr(module, name)
    assert one.keep(connection, judged, AT) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    try:
        found = witness.parse(data)
    except Denied as denied:
        status = denied.status
    else:
        status = 400 if found.old >= 0 else 0
    assert status == 400


@given(st.integers(0, 10**18), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_what_a_ledger_sends_is_what_a_witness_reads(old: int, proof: list[bytes]) -> None:
    made = head(leaves(3))
    assert witness.parse(request(old, proof, made)) == (old, proof, str(made))


SOUTH: Verifier = Witness("gadfly/south/2", OTHER).verifier
ASKED = head(leaves(9))
LINE = checkpoints.cosign(ASKED.note.text, "gadfly/south/2", OTHER, int(AT)).line().encode()
STRANGER = checkpoints.cosign(ASKED.note.text, "gadfly/west/3", LOG, int(AT)).line().encode()
ELSE = checkpoints.cosign(head(leaves(8)).note.text, "gadfly/south/2", OTHER, int(AT)).line().encode()

MEANT: list[tuple[int, bytes, Standing, int | None]] = [
    (200, LINE, Standing.cosigned, 9),
    (200, STRANGER + LINE, Standing.cosigned, 9),
    (200, STRANGER, Standing.refused, None),
    (200, ELSE, Standing.refused, None),
    (200, b"", Standing.refused, None),
    (200, b"\xff", Standing.refused, None),
    (409, b"7\n", Standing.behind, 7),
    (409, b"0\n", Standing.behind, 0),
    (409, b"12\n", Standing.ahead, 12),
    (409, b"5\n", Standing.contradicted, 5),
    (409, b"07\n", Standing.refused, None),
    (409, b"much\n", Standing.refused, None),
    (422, b"no\n", Standing.contradicted, None),
    (404, b"", Standing.refused, None),
    (403, b"", Standing.refused, None),
    (400, b"", Standing.refused, None),
    (503, b"", Standing.unreachable, None),
    (301, b"", Standing.unreachable, None),
]


@pytest.mark.parametrize(("status", "body", "standing", "size"), MEANT)
def test_what_an_answer_means(status: int, body: bytes, standing: Standing, size: int | None) -> None:
    found = understand(status, body, ASKED, 5, SOUTH)
    assert (found.standing, found.size) == (standing, size)
    assert bool(found.words) is (standing not in (Standing.cosigned, Standing.behind))
    assert len(found.lines) == (1 if standing is Standing.cosigned else 0)


@given(st.sampled_from([200, 409, 422, 500]), st.binary(max_size=200))
def test_any_answer_means_something(status: int, body: bytes) -> None:
    assert isinstance(understand(status, body, ASKED, 5, SOUTH), Answer)


def test_only_the_ledgers_own_signature_is_sent() -> None:
    line = signature(LINE.decode().rstrip("\n"))
    both = ASKED._replace(note=Note(ASKED.note.text, (*ASKED.note.signatures, line)))
    assert request(0, [], both) == request(0, [], ASKED)


def test_what_was_cosigned_last_is_known_after_a_restart(connection: sqlite3.Connection) -> None:
    assert cosigning.newest(connection, SOUTH) == 0
    connection.execute("INSERT INTO ledger_cosignature VALUES (5, 'gadfly/south/2', 'x'), (9, 'other', 'x')")
    assert cosigning.newest(connection, SOUTH) == 5


@pytest.mark.parametrize("name", ["not UTF-8", "an unknown ledger", "another key", "a false signature"])
def test_a_stranger_does_not_get_as_far_as_the_store(name: str) -> None:
    body, status, _ = REFUSED[name]
    with pytest.raises(Denied) as denied:
        witness.trusted(body(), LOGS)
    assert denied.value.status == status
