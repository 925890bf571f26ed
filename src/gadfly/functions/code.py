"""A function's code: read, named by the hash of its content, and kept under that name, read-only.

The hash is SHA-256 over every file in the order of their paths: the length of the path, the path, the length
of the content, the content; lengths as eight bytes, the greatest first. Two versions with one hash are one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from gadfly.errors import ConfigError, StoreError

FILES = 2_000
"""Files of one function."""
BYTES = 50 << 20
"""Of all its files together; Lambda's limit for a package that is handed over directly."""
DEEP = 50
"""Folders within one another."""
LEFT_OUT = frozenset({"__pycache__", ".git", ".venv", "node_modules"})
"""Folders that are no code of its own."""

Files = Mapping[str, bytes]
"""Path within the function's folder → content."""


def read(path: Path) -> Files:
    """The file or folder there. ConfigError, for its owner, where it cannot be deployed. Blocks."""
    try:
        if path.is_file():
            return {path.name: _content(path, BYTES)}
        if not path.is_dir():
            raise ConfigError(f"{path}: there is no such file or folder; write it, or correct `file`")
        return _folder(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; the node must be able to read it") from None


def _folder(path: Path) -> Files:
    found: dict[str, bytes] = {}
    left = BYTES
    for file in _walk(path):
        if len(found) == FILES:
            raise ConfigError(f"{path}: more than {FILES:,} files; deploy only what it needs")
        content = _content(file, left)
        left -= len(content)
        found[file.relative_to(path).as_posix()] = content
    if not found:
        raise ConfigError(f"{path}: the folder is empty; write the handler into it")
    return dict(sorted(found.items()))


def _walk(path: Path, depth: int = 0) -> Iterator[Path]:
    if depth > DEEP:
        raise ConfigError(f"{path}: more than {DEEP} folders within one another; deploy only what it needs")
    for entry in sorted(path.iterdir(), key=lambda one: one.name):
        if entry.name.startswith(".") or entry.name in LEFT_OUT or entry.suffix == ".pyc":
            continue
        if not _utf8(entry.name):
            raise ConfigError(f"{path}: the name {entry.name!a} in it is not UTF-8; rename it")
        if entry.is_symlink():
            raise ConfigError(f"{entry}: a link leads out of the function; put the file itself there")
        if entry.is_dir():
            yield from _walk(entry, depth + 1)
        elif entry.is_file():
            yield entry


def _utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _content(file: Path, most: int) -> bytes:
    with file.open("rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise ConfigError(f"{file}: with it the function has more than {BYTES >> 20} MiB")
    return content


def digest(files: Files) -> str:
    """Its name, 64 hexadecimal digits."""
    found = hashlib.sha256()
    for name, content in sorted(files.items()):
        for part in (name.encode(), content):
            found.update(len(part).to_bytes(8, "big"))
            found.update(part)
    return found.hexdigest()


def keep(state: Path, files: Files) -> Path:
    """The folder with these files, made where it is not there. StoreError. Blocks.

    It appears whole or not at all, and nobody may write in it.
    """
    name = digest(files)
    target = state / name
    try:
        if target.is_dir():
            verify(target)
            return target
        state.mkdir(mode=0o755, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="new-", dir=state))
        try:
            _write(made, files)
            os.rename(made, target)
        except BaseException:
            _remove(made)
            raise
        _sync(state)
    except OSError as error:
        raise StoreError(f"the code cannot be kept in {state}: {error.strerror}") from None
    return target


def tidy(state: Path) -> None:
    """Remove what a node left half-way that was killed while it kept code. Blocks."""
    for one in state.glob("new-*"):
        _remove(one)


def leave(state: Path, wanted: Container[str]) -> None:
    """Remove every version but those of these hashes. Blocks."""
    for one in state.glob("?" * 64):
        if one.name not in wanted:
            _remove(one)


def _write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        path.chmod(0o444)
    for below, _, _ in os.walk(folder, topdown=False):
        os.chmod(below, 0o555)  # noqa: S103  the cell's user reads it, too
        _sync(Path(below))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    for below, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            os.chmod(below, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def verify(folder: Path) -> None:
    """StoreError unless the folder holds what its name says. Blocks."""
    try:
        whole = digest({one.relative_to(folder).as_posix(): one.read_bytes() for one in _all(folder)})
    except OSError as error:
        raise StoreError(f"the code in {folder} cannot be read: {error.strerror}") from None
    if whole != folder.name:
        raise StoreError(
            f"the code in {folder} is not what was deployed: remove the folder, deploy it again, and ask who "
            "changed it"
        )


def _all(folder: Path) -> Iterator[Path]:
    for below, _, names in os.walk(folder):
        yield from (Path(below) / name for name in names)
