"""Every message carries the ledger's checkpoint; receivers that know nothing of it are not disturbed."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.alert.notification import Notification, alertmanager, sealed
from gadfly.alert.notify.email import compose
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.note import verifier_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEAD = checkpoints.signed("gadfly/north/1", 1234, bytes(range(32)), KEY)


@pytest.fixture
def plain() -> Notification:
    return Notification(
        key="k",
        kind="firing",
        status="firing",
        incident="i1",
        sequence=1,
        target="owner:ops",
        at=1_800_000_000.0,
        opened=1_800_000_000.0,
        subject="shop is down",
        text="shop is down\n\nSee: http://x/\n",
        cause="c",
        items=(),
        total=1,
        url="http://x/",
        node="north",
    )


def test_the_text_names_it_in_one_line(plain: Notification) -> None:
    assert sealed(plain, HEAD).text == plain.text + (
        "Ledger: 1,234 entries, root 0001020304050607, signed by gadfly/north/1\n"
    )


def test_the_payload_has_one_more_field_and_no_other(plain: Notification) -> None:
    before, after = alertmanager(plain, "r"), alertmanager(sealed(plain, HEAD), "r")
    assert "ledger" not in before
    found = after.pop("ledger")
    assert after.keys() == before.keys()
    assert found == {
        "origin": "gadfly/north/1",
        "size": 1234,
        "root": bytes(range(32)).hex(),
        "checkpoint": str(HEAD),
    }
    assert checkpoints.verify(found["checkpoint"], verifier_of("gadfly/north/1", KEY)) == HEAD


def test_a_mail_holds_the_signed_note_itself(plain: Notification) -> None:
    letter = compose(sealed(plain, HEAD), "ops@example.org", "gadfly@example.org")
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    body, mark, note = text.replace("\r\n", "\n").partition("\n-- \n")
    assert (body, mark) == (sealed(plain, HEAD).text, "\n-- \n")
    assert checkpoints.verify(note, verifier_of("gadfly/north/1", KEY)) == HEAD
    page = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "gadfly/north/1" in page


def test_a_letter_from_before_there_was_a_ledger_is_read(plain: Notification) -> None:
    old = msgspec.to_builtins(plain)
    del old["ledger"]
    assert msgspec.convert(old, Notification) == plain
