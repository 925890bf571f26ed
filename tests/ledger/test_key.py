"""The node's key: made once, whole, for it alone, and never replaced."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gadfly.errors import LedgerError
from gadfly.ledger.key import KEY, SALT, identity


def test_a_key_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    made = identity(folder, "node-a")
    again = identity(folder, "renamed")
    assert again.origin == made.origin
    assert made.origin.startswith("gadfly/node-a/")
    assert again.key.private_bytes_raw() == made.key.private_bytes_raw()
    assert again.salt == made.salt
    assert sorted(path.name for path in folder.iterdir()) == [KEY, SALT]


def test_only_the_node_reads_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        identity(tmp_path, "a")
    finally:
        os.umask(old)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (KEY, SALT)} == {0o600}


def test_two_nodes_have_two_ledgers(tmp_path: Path) -> None:
    one, two = (identity(tmp_path / name, "a") for name in "bc")
    assert one.origin != two.origin
    assert one.salt != two.salt


@pytest.mark.parametrize(
    ("node", "begins"), [("two words+more/x\n", "gadfly/two-words-more-x-/"), ("", "gadfly/node/")]
)
def test_any_node_name_gives_a_key_name(tmp_path: Path, node: str, begins: str) -> None:
    assert identity(tmp_path, node).origin.startswith(begins)


@pytest.mark.parametrize(
    ("name", "text"), [(KEY, ""), (KEY, "PRIVATE+KEY+a+00000000+AA=="), (SALT, "ab"), (SALT, "?")]
)
def test_a_damaged_file_is_said_and_not_replaced(tmp_path: Path, name: str, text: str) -> None:
    identity(tmp_path, "a")
    (tmp_path / name).write_text(text)
    with pytest.raises(LedgerError, match="restore"):
        identity(tmp_path, "a")
    assert (tmp_path / name).read_text() == text


def test_a_key_id_that_does_not_fit_is_said_without_the_key(tmp_path: Path) -> None:
    identity(tmp_path, "a")
    text = (tmp_path / KEY).read_text()
    (tmp_path / KEY).write_text(text.replace("gadfly/a/", "gadfly/b/"))
    with pytest.raises(LedgerError, match="key id does not fit") as caught:
        identity(tmp_path, "a")
    assert text.split("+")[-1].strip() not in str(caught.value)


def test_a_salt_that_was_erased_is_made_anew(tmp_path: Path) -> None:
    first = identity(tmp_path, "a")
    (tmp_path / SALT).unlink()
    second = identity(tmp_path, "a")
    assert second.salt != first.salt
    assert second.origin == first.origin


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be used"):
        identity(tmp_path / "file", "a")
    (tmp_path / KEY).write_bytes(b"\xff")
    with pytest.raises(LedgerError, match="not text"):
        identity(tmp_path, "a")
