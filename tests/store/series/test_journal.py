"""What was written is read again; a torn end is cut off, damage in the middle is told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import StoreError
from gadfly.store.series.journal import HEAD, Journal, frame, frames


def test_read_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    for payload in (b"one", b"", b"three" * 1000):
        journal.write(payload)
    journal.close()
    again = Journal(tmp_path / "j")
    assert again.read() == [b"one", b"", b"three" * 1000]
    again.write(b"four")
    assert again.read()[-1] == b"four"
    again.close()


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.data())
def test_a_torn_end_is_not_read(payloads: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(frame, payloads))
    start = len(whole) - len(frame(payloads[-1]))
    end = data.draw(st.integers(start, len(whole) - 1))
    assert [payload for _, payload in frames(whole[:end], "j")] == payloads[:-1]


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=2, max_size=5), st.data())
def test_damage_before_sound_frames_is_told(payloads: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(frame, payloads)))
    end = len(whole) - len(frame(payloads[-1]))
    where = data.draw(st.integers(0, end - 1))
    whole[where] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(StoreError, match=r"j is damaged at byte \d+.*restore"):
        list(frames(bytes(whole), "j"))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert list(frames(data, "j")) == []


def test_a_torn_end_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(frame(b"kept") + frame(b"torn")[:-1])
    journal = Journal(path)
    assert journal.read() == [b"kept"]
    assert path.stat().st_size == HEAD.size + 4
    journal.write(b"next")
    journal.close()
    assert [payload for _, payload in frames(path.read_bytes(), "j")] == [b"kept", b"next"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "j")
    journal.write(b"kept")
    real = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 6:
            return real(file, data[:6])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match=r"No space left.*Make room"):
        journal.write(b"")
    monkeypatch.undo()
    assert journal.path.read_bytes() == frame(b"kept")
    journal.write(b"after")
    assert journal.read() == [b"kept", b"after"]
    journal.close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="correct owner"):
        Journal(tmp_path / "none" / "j")
