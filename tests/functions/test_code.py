"""Code is named by its content, kept read-only, and looked at again before it runs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import ConfigError, StoreError
from gadfly.functions import code

NAMES = st.text("ab/.", min_size=1, max_size=4)


@given(st.dictionaries(NAMES, st.binary(max_size=4)), st.dictionaries(NAMES, st.binary(max_size=4)))
def test_other_content_has_another_name(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (code.digest(one) == code.digest(other)) is (one == other)


def test_the_order_of_files_does_not_matter() -> None:
    assert code.digest({"a": b"1", "b": b"2"}) == code.digest({"b": b"2", "a": b"1"})


def test_a_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    assert code.read(tmp_path / "a.py") == {"a.py": b"x = 1"}
    for name in ("pkg/b.py", "pkg/__pycache__/b.pyc", ".git/config", "pkg/.hidden", "c.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("y")
    assert list(code.read(tmp_path)) == ["a.py", "pkg/b.py"]


def test_what_cannot_be_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        code.read(tmp_path / "absent.py")
    with pytest.raises(ConfigError, match="empty"):
        code.read(tmp_path)
    (tmp_path / "out").symlink_to("/etc/passwd")
    with pytest.raises(ConfigError, match="leads out"):
        code.read(tmp_path)
    (tmp_path / "out").unlink()
    (tmp_path / "a.py").write_bytes(b"0" * 100)
    (tmp_path / "b.py").write_bytes(b"0" * 100)
    monkeypatch.setattr(code, "BYTES", 150)
    with pytest.raises(ConfigError, match="more than"):
        code.read(tmp_path)
    monkeypatch.setattr(code, "BYTES", 1000)
    monkeypatch.setattr(code, "FILES", 1)
    with pytest.raises(ConfigError, match="files"):
        code.read(tmp_path)


def test_names_and_depths_that_cannot_be_kept_are_said(tmp_path: Path) -> None:
    (tmp_path / "names").mkdir()
    (Path(os.fsdecode(bytes(tmp_path) + b"/names/\xff\xfe.txt"))).write_text("x")
    with pytest.raises(ConfigError, match=r"'\\udcff\\udcfe.txt' in it is not UTF-8"):
        code.read(tmp_path / "names")
    deep = tmp_path / "deep" / "/".join("d" * 60)
    deep.mkdir(parents=True)
    with pytest.raises(ConfigError, match="50 folders within one another"):
        code.read(tmp_path / "deep")


def test_it_is_kept_read_only_and_whole(tmp_path: Path) -> None:
    files = {"a.py": b"x = 1", "pkg/b.py": b""}
    folder = code.keep(tmp_path / "state", files)
    assert folder.name == code.digest(files)
    assert (folder / "pkg/b.py").read_bytes() == b""
    for path in (folder, folder / "pkg", folder / "a.py"):
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert code.keep(tmp_path / "state", files) == folder
    assert [one.name for one in (tmp_path / "state").iterdir()] == [folder.name]


def test_what_was_changed_is_refused(tmp_path: Path) -> None:
    folder = code.keep(tmp_path, {"a.py": b"x = 1"})
    code.verify(folder)
    (folder / "a.py").chmod(0o644)
    (folder / "a.py").write_text("x = 2")
    with pytest.raises(StoreError, match="not what was deployed"):
        code.verify(folder)
    with pytest.raises(StoreError, match="not what was deployed"):
        code.keep(tmp_path, {"a.py": b"x = 1"})


def test_what_a_killed_node_left_half_way_is_removed(tmp_path: Path) -> None:
    folder = code.keep(tmp_path, {"a.py": b"x = 1"})
    half = tmp_path / "new-abc"
    (half / "pkg").mkdir(parents=True)
    (half / "pkg/b.py").write_bytes(b"x")
    (half / "pkg").chmod(0o555)
    code.tidy(tmp_path)
    code.tidy(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == [folder]
