"""Signed notes: the published example of Go's sumdb/note, and what is no note."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import note
from gadfly.ledger.key import signer, signer_text

VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}"
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def test_the_published_note_is_verified() -> None:
    key = note.verifier(VERIFIER)
    assert note.verified(note.parse(NOTE), [key]) == [key]


def test_the_published_note_is_signed_to_the_same_bytes() -> None:
    name, key = signer(SIGNER)
    assert (name, str(note.verifier_of(name, key))) == ("PeterNeumann", VERIFIER)
    assert str(note.Note(TEXT, (note.sign(TEXT, name, key),))) == NOTE
    assert signer_text(name, key) == SIGNER


def test_a_key_is_written_as_it_was_read() -> None:
    assert str(note.verifier(SUMDB)) == SUMDB
    assert note.verifier(SUMDB).id.hex() == "033de0ae"


@pytest.mark.parametrize("at", range(len(VERIFIER)))
def test_no_mangled_verifier_key_is_taken(at: int) -> None:
    mangled = VERIFIER[:at] + chr(ord(VERIFIER[at]) ^ 1) + VERIFIER[at + 1 :]
    for text in (mangled, VERIFIER[:at], VERIFIER[at + 1 :]):
        with pytest.raises(LedgerError):
            note.verifier(text)


@pytest.mark.parametrize("at", range(len(NOTE)))
def test_no_bit_of_the_note_can_change(at: int) -> None:
    changed = NOTE[:at] + chr(ord(NOTE[at]) ^ 1) + NOTE[at + 1 :]
    key = note.verifier(VERIFIER)
    try:
        found = note.verified(note.parse(changed), [key])
    except LedgerError:
        return
    assert found == []  # a name or key id that is nobody's


def test_strangers_are_passed_over_and_known_keys_must_be_true() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = note.verifier(VERIFIER)
    both = note.parse(NOTE + note.sign(TEXT, "stranger", stranger).line())
    assert note.verified(both, [key]) == [key]
    assert note.verified(note.parse(f"{TEXT}\n" + note.sign(TEXT, "stranger", stranger).line()), [key]) == []
    false = note.Signature("PeterNeumann", key.id, bytes(64))
    with pytest.raises(LedgerError, match="was changed"):
        note.verified(note.Note(TEXT, (false,)), [key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT,
        TEXT + LINE,
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("—", "-"),
        NOTE.replace("x08go", "x08g"),
        NOTE.replace("AM=\n", "AN=\n"),  # other text, the same bytes
        NOTE.replace("PeterNeumann", "Peter+Neumann"),
        NOTE.replace("PeterNeumann", "Peter\u00a0Neumann"),
        NOTE.replace("If", "\tIf"),
        NOTE.replace("If", "\ud800"),
        NOTE.replace("\n", "\r\n"),
        f"{TEXT}\n— name eDA4Zw==\n",  # a key id and no signature
    ],
)
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(LedgerError):
        note.parse(text)


def test_the_text_may_have_blank_lines() -> None:
    found = note.parse(f"one\n\ntwo\n\n{LINE}")
    assert found.text == "one\n\ntwo\n"
    assert str(found) == f"one\n\ntwo\n\n{LINE}"


def test_notes_have_limits() -> None:
    with pytest.raises(LimitError):
        note.parse("x" * note.LIMIT + NOTE)
    assert len(note.parse(TEXT + "\n" + LINE * note.SIGNATURES).signatures) == note.SIGNATURES
    with pytest.raises(LimitError):
        note.parse(TEXT + "\n" + LINE * (note.SIGNATURES + 1))


def test_sixteen_of_the_largest_signatures_fit() -> None:
    large = note.Signature("stranger.example/post-quantum", b"abcd", bytes(5000))
    text = str(note.Note(TEXT, (*note.parse(NOTE).signatures, *[large] * 16)))
    assert note.verified(note.parse(text), [note.verifier(VERIFIER)])


@pytest.mark.parametrize("text", ["no line end", "a\x01b\n", "\udfff\n"])
def test_what_cannot_be_signed(text: str) -> None:
    with pytest.raises(LedgerError):
        note.sign(text, *signer(SIGNER))


@given(st.text(max_size=300))
def test_any_text_is_refused_in_words_or_read_to_the_letter(text: str) -> None:
    try:
        found = note.parse(text)
    except LedgerError:
        return
    assert str(found) == text


@given(st.text(max_size=80))
def test_any_text_is_no_key(text: str) -> None:
    with pytest.raises(LedgerError):
        note.verifier(text)
    with pytest.raises(ValueError):
        signer(text)
