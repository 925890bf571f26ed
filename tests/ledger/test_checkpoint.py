"""Checkpoints and cosignatures, in the form of the C2SP pages."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note
from gadfly.ledger.note import COSIGNATURE

# The example of c2sp.org/tlog-cosignature.
EXAMPLE = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""

LOG = Ed25519PrivateKey.from_private_bytes(bytes(32))
NAME = "gadfly/a/1"
KEY = note.verifier_of(NAME, LOG)
WITNESSES = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)]
WITNESS_KEYS = [note.verifier_of(f"gadfly/w{n}/1", key, COSIGNATURE) for n, key in enumerate(WITNESSES)]
ROOT = bytes(range(32))


def signed(size: int = 7) -> checkpoints.Checkpoint:
    return checkpoints.signed(NAME, size, ROOT, LOG)


def cosigned(*which: int, at: int = 1_790_000_000) -> note.Note:
    head = signed().note
    lines = [checkpoints.cosign(head.text, f"gadfly/w{n}/1", WITNESSES[n], at) for n in which]
    return head._replace(signatures=(*head.signatures, *lines))


def test_the_published_example_is_read_and_written_again() -> None:
    found = checkpoints.parse(EXAMPLE)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(found) == EXAMPLE
    assert checkpoints.text(found.origin, found.size, found.root) == found.note.text
    _, witness = found.note.signatures
    assert witness.id.hex() == "8d66cf3f"
    assert int.from_bytes(witness.value[:8], "big") == 1679315147
    assert len(witness.value) == 72


def test_what_is_signed_is_verified() -> None:
    found = checkpoints.verify(str(signed()), KEY)
    assert (found.origin, found.size, found.root) == (NAME, 7, ROOT)


def test_another_ledger_or_key_is_not_believed() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    for head in (checkpoints.signed(NAME, 7, ROOT, other), checkpoints.signed("gadfly/b/1", 7, ROOT, LOG)):
        with pytest.raises(LedgerError, match="did not sign"):
            checkpoints.verify(str(head), KEY)
    body = checkpoints.text("gadfly/b/1", 7, ROOT)
    with pytest.raises(LedgerError, match="of the ledger gadfly/b/1"):
        checkpoints.verify(str(note.Note(body, (note.sign(body, NAME, LOG),))), KEY)


@pytest.mark.parametrize(
    "body",
    [
        "a\n1\n",
        "a\n1\nAAAA\n",
        f"a\n01\n{'A' * 43}=\n",
        f"a\n-1\n{'A' * 43}=\n",
        f"a\n+1\n{'A' * 43}=\n",
        f"a\n1\n{'A' * 42}B=\n",
        f"a\n{10**19}\n{'A' * 43}=\n",
        f"\n1\n{'A' * 43}=\n",
        f"a\n1\n{'A' * 43}=\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint(body: str) -> None:
    with pytest.raises(LedgerError):
        checkpoints.parse(str(note.Note(body, (note.sign(body, NAME, LOG),))))


@given(st.text(max_size=100), st.text(max_size=20), st.text(max_size=50))
def test_any_text_is_a_checkpoint_to_the_letter_or_refused(origin: str, size: str, root: str) -> None:
    line = signed().note.signatures[0].line()
    for text in (f"{origin}\n{size}\n{root}\n\n{line}", f"{origin}\n7\n{'A' * 43}=\n\n{line}"):
        try:
            found = checkpoints.parse(text)
        except LedgerError:
            continue
        assert str(found) == text


def test_further_lines_are_kept_and_mean_nothing() -> None:
    body = checkpoints.text(NAME, 7, ROOT) + "extension\n"
    text = str(note.Note(body, (note.sign(body, NAME, LOG),)))
    found = checkpoints.verify(text, KEY)
    assert (found.size, str(found)) == (7, text)


def test_a_cosignature_says_when() -> None:
    (found,) = checkpoints.cosigned(cosigned(1), WITNESS_KEYS)
    assert (found.witness, found.at) == (WITNESS_KEYS[1], 1_790_000_000)


@pytest.mark.parametrize(
    ("which", "needed", "enough"),
    [
        ((), 0, True),
        ((), 1, False),
        ((0,), 1, True),
        ((0, 0), 2, False),
        ((0, 2), 2, True),
        ((0, 1), 3, False),
    ],
)
def test_a_quorum_counts_each_witness_once(which: tuple[int, ...], needed: int, enough: bool) -> None:
    if enough:
        assert len(checkpoints.quorum(cosigned(*which), WITNESS_KEYS, needed)) == len(which)
    else:
        with pytest.raises(LedgerError, match="are needed"):
            checkpoints.quorum(cosigned(*which), WITNESS_KEYS, needed)


def test_one_key_under_two_names_is_one_witness() -> None:
    again = note.verifier_of("gadfly/other/1", WITNESSES[0], COSIGNATURE)
    head = cosigned(0)
    line = checkpoints.cosign(head.text, "gadfly/other/1", WITNESSES[0], 1)
    both = head._replace(signatures=(*head.signatures, line))
    assert len(checkpoints.cosigned(both, [*WITNESS_KEYS, again])) == 1


def test_a_changed_time_or_text_makes_a_cosignature_false() -> None:
    head = cosigned(0)
    line = head.signatures[1]
    later = line._replace(value=(1_790_000_001).to_bytes(8, "big") + line.value[8:])
    other = signed(8).note
    for false in (head._replace(signatures=(later,)), other._replace(signatures=(line,)),
                  head._replace(signatures=(line._replace(value=line.value[:-1]),))):  # fmt: skip
        with pytest.raises(LedgerError, match="is false"):
            checkpoints.cosigned(false, WITNESS_KEYS)


def test_a_ledgers_own_signature_is_no_cosignature() -> None:
    with pytest.raises(LedgerError, match="not a witness's key"):
        checkpoints.cosigned(signed().note, [KEY])
    same = note.verifier_of(NAME, LOG, COSIGNATURE)
    assert same.id != KEY.id
    assert checkpoints.cosigned(signed().note, [same]) == []
