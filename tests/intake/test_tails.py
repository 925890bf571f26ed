"""Files are followed through everything that happens to files of logs, and no line is lost or doubled."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from gadfly.config.logs import LogFile
from gadfly.intake.tail import Tail
from gadfly.intake.tails import GRACE, LOOK, Tails


class Follower:
    """Tails with a clock, that keep marks as the store does."""

    def __init__(self, files: Mapping[str, LogFile], longest: int = 1000) -> None:
        self.files = files
        self.longest = longest
        self.marks: dict[str, str] = {}
        self.now = 0.0
        self.read: list[str] = []
        self.tails = Tails(files, self.marks, longest)

    def look(self, after: float = 1.0) -> list[str]:
        """What came, when so much time has passed."""
        self.now += after
        found: list[str] = []
        while True:
            pieces = list(self.tails.poll(self.now))
            for piece in pieces:
                found += piece.texts
                for name, mark in piece.marks.items():
                    self.marks.pop(name, None)
                    if mark:
                        self.marks[name] = mark
            if not any(piece.path for piece in pieces):
                break
        self.read += found
        return found

    def restart(self) -> None:
        """The process ended and began anew; what it had kept is kept."""
        self.tails.close()
        self.tails = Tails(self.files, self.marks, self.longest)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


@pytest.fixture
def follower(path: Path) -> Follower:
    return Follower({"app": LogFile(path=(str(path),))})


FIRST = "the first line, which is long enough to be known again\n"


def test_what_was_there_is_not_news_and_what_comes_is(path: Path, follower: Follower) -> None:
    path.write_text("old\n")
    assert follower.look() == []
    append(path, "new\nhalf")
    assert follower.look() == ["new"]
    append(path, " and half\r\n")
    assert follower.look() == ["half and half"]


def test_it_may_begin_at_the_beginning(path: Path) -> None:
    path.write_text("old\n")
    assert Follower({"app": LogFile(path=(str(path),), start="beginning")}).look() == ["old"]


def test_a_file_that_appears_is_read_whole(path: Path, follower: Follower) -> None:
    assert follower.look() == []
    path.write_text("one\n")
    assert follower.look(LOOK) == ["one"]


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(
    path: Path, follower: Follower
) -> None:
    follower.look()
    append(path, FIRST)
    follower.look(LOOK)
    append(path, "unread when it was renamed\n")
    path.rename(path.with_name("app.log.1"))
    append(path, "in the new one\n")
    append(path.with_name("app.log.1"), "late in the old one\n")
    assert follower.look() == ["unread when it was renamed", "late in the old one", "in the new one"]
    append(path.with_name("app.log.1"), "last words")
    assert follower.look(GRACE - 1) == []
    assert follower.look(2) == ["last words"]
    assert len(follower.tails) == 1
    assert len([name for name in follower.marks if name.startswith("file:")]) == 1


def test_a_file_cut_after_it_was_copied_is_read_on_in_its_copy(path: Path, follower: Follower) -> None:
    follower.look()
    append(path, FIRST)
    follower.look(LOOK)
    append(path, "unread when it was copied\n")
    shutil.copy(path, path.with_name("app.log.1"))
    os.truncate(path, 0)
    append(path, "after\n")
    assert follower.look() == ["unread when it was copied", "after"]
    assert follower.tails.counts["truncated_total"] == 1


def test_a_file_overwritten_with_more_is_seen_by_how_it_begins(path: Path, follower: Follower) -> None:
    follower.look()
    append(path, FIRST)
    follower.look(LOOK)
    path.write_text("something else altogether, and longer than what stood here before it\n")
    assert len(follower.look()) == 1


def test_a_copy_that_the_pattern_names_is_not_read_twice(tmp_path: Path, path: Path) -> None:
    follower = Follower({"app": LogFile(path=(f"{tmp_path}/app.log*",))})
    follower.look()
    append(path, FIRST + "two\n")
    assert len(follower.look(LOOK)) == 2
    shutil.copy(path, path.with_name("app.log.1"))
    os.truncate(path, 0)
    assert follower.look(LOOK) == []
    append(path, "three\n")
    assert follower.look(LOOK) == ["three"]


def test_compressed_files_are_left_out(tmp_path: Path, path: Path) -> None:
    follower = Follower({"app": LogFile(path=(f"{tmp_path}/*",))})
    follower.look()
    append(path, FIRST)
    follower.look(LOOK)
    path.rename(path.with_name("app.log.1"))
    path.with_name("app.log.2.gz").write_bytes(gzip.compress(FIRST.encode()))
    assert follower.look(LOOK) == []


@pytest.mark.parametrize("rotated", ["", "rename", "copytruncate", "gone"])
def test_it_goes_on_where_it_was_after_a_restart(path: Path, follower: Follower, rotated: str) -> None:
    follower.look()
    append(path, FIRST)
    assert len(follower.look(LOOK)) == 1
    follower.tails.close()
    append(path, "while it was down\n")
    old = path.with_name("app.log.1")
    if rotated == "rename":
        path.rename(old)
    elif rotated == "copytruncate":
        shutil.copy(path, old)
        os.truncate(path, 0)
    elif rotated == "gone":
        path.rename(path.with_name("elsewhere"))
    append(path, "the newest\n")
    follower.restart()
    found = follower.look()
    if rotated in ("", "rename"):
        assert found == ["while it was down", "the newest"]
    else:  # cut while nobody looked: what is in the file is read, what is not cannot be
        assert found == ["the newest"]
    assert follower.tails.counts["lost_files_total"] == (1 if rotated == "gone" else 0)


def test_another_file_with_the_same_inode_is_not_taken_for_it(path: Path, follower: Follower) -> None:
    follower.look()
    append(path, FIRST)
    follower.look(LOOK)
    follower.tails.close()
    path.write_text("another file altogether\n")  # the inode stays
    follower.restart()
    assert follower.look() == ["another file altogether"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x" * 50 + "\nnext\n", ["x" * 20, "next"]),
        ("a\n" + "y" * 21 + "\n", ["a", "y" * 20]),
        ("\n\n", ["", ""]),
    ],
)
def test_long_lines_are_cut(path: Path, text: str, lines: list[str]) -> None:
    follower = Follower({"app": LogFile(path=(str(path),))}, longest=20)
    follower.look()
    path.write_text(text)
    assert follower.look(LOOK) == lines


def test_a_line_without_an_end_is_not_kept_in_memory(path: Path) -> None:
    follower = Follower({"app": LogFile(path=(str(path),))}, longest=1000)
    follower.look()
    path.write_text("x" * 1_000_000)
    assert follower.look(LOOK) == ["x" * 1000]
    append(path, "x" * 1_000_000 + "\nnext\n")
    assert follower.look(LOOK) == ["next"]
    assert follower.tails.counts["cut_total"] == 1


def test_what_is_no_utf_8_is_read(path: Path, follower: Follower) -> None:
    follower.look()
    path.write_bytes(b"caf\xe9\ncaf\xc3\xa9\n")
    assert follower.look(LOOK) == ["café", "café"]


def test_what_is_no_file_does_not_hold_it_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "log").write_text("a\n")
    follower = Follower({"all": LogFile(path=(f"{tmp_path}/*",), start="beginning")})
    assert follower.look() == ["a"]
    assert len(follower.tails) == 1


def test_a_file_that_may_not_be_read_is_named(
    path: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.look()
    path.write_text("a\n")
    real = os.open

    def refuse(name: str, *rest: int, **named: int) -> int:
        if name == str(path):
            raise PermissionError(13, "Permission denied")
        return real(name, *rest, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        follower.look(LOOK)
        assert "Permission denied" in follower.tails.trouble[str(path)]
    assert follower.look(LOOK) == ["a"]
    assert not follower.tails.trouble


def test_what_was_wrong_with_a_file_goes_with_it(
    path: Path, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.look()
    path.write_text("a\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Tail, "open", refuse)
        follower.look(LOOK)
        assert str(path) in follower.tails.trouble
    path.unlink()
    follower.look(LOOK)
    assert not follower.tails.trouble


def test_files_beyond_the_limit_are_told_as_long_as_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.intake.tails.MOST", 1)
    (tmp_path / "a").write_text("a\n")
    (tmp_path / "b").write_text("b\n")
    follower = Follower({"all": LogFile(path=(f"{tmp_path}/*",), start="beginning")})
    follower.look()
    assert "more than 1 files" in follower.tails.trouble["*"]
    (tmp_path / "b").unlink()
    follower.look(LOOK)
    follower.look(GRACE + 1)
    follower.look(LOOK)
    assert not follower.tails.trouble


@pytest.mark.parametrize("seed", range(20))
def test_every_line_is_read_once_whatever_happens_to_the_file(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "app.log"
    follower = Follower({"app": LogFile(path=(str(path),))})
    follower.look()
    written: list[str] = []
    for step in range(60):
        what = chance.choice(("write", "write", "write", "rename", "copy", "look", "look", "restart"))
        if what == "write":
            lines = [
                f"seed {seed} step {step} line {n}, which is long enough" for n in range(chance.randint(1, 5))
            ]
            append(path, "".join(f"{one}\n" for one in lines))
            written += lines
        elif what == "rename" and path.exists():
            follower.look(LOOK)
            path.rename(tmp_path / "app.log.1")
        elif what == "copy" and path.exists():
            follower.look(LOOK)
            (tmp_path / "app.log.1").unlink(missing_ok=True)  # rotation moves it away, and so makes room
            shutil.copy(path, tmp_path / "app.log.1")
            os.truncate(path, 0)
        elif what == "look":
            follower.look(chance.choice((1.0, LOOK)))
        elif what == "restart":
            follower.restart()
    follower.look(LOOK)
    assert sorted(follower.read) == sorted(written)
    assert len(set(written)) == len(written)
