"""The functions of a catalogue as a revision in git has it."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from gadfly.errors import GadflyError

SECONDS = 20.0
"""That git may take for one answer."""
BYTES = 64 << 20
"""Of one file."""


class RevisionError(GadflyError):
    """The revision cannot be read: there is no git, no repository, or no such revision."""


def tables_at(path: Path, revision: str) -> dict[str, dict[str, Any]]:
    """The tables `function` and `functions` of the file or folder at `path`, as they were; empty where it was
    not there.

    What else was wrong with the catalogue then does not matter. RevisionError.
    """
    place = path.resolve()
    folder, names = (place, None) if place.is_dir() else (place.parent, [place.name])
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise RevisionError(f"git knows no revision {revision[:100]!r} here; fetch it, or name another")
    at = commit.decode().strip()
    if names is None:
        listed = _git(folder, "ls-tree", "-z", "--name-only", at, "--", "./") or b""
        found = [Path(os.fsdecode(one)).name for one in listed.split(b"\0") if one]
        names = sorted(one for one in found if one.endswith(".toml") and not one.startswith("."))
    tables: dict[str, dict[str, Any]] = {"function": {}, "functions": {}}
    for name in names:
        text = _git(folder, "cat-file", "blob", f"{at}:./{name}")
        if text is None:
            continue
        try:
            read = tomllib.loads(text.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise RevisionError(f"{name} of {revision[:100]} is not TOML: {error}") from None
        for key, table in tables.items():
            if isinstance(read.get(key), dict):
                table.update(read[key])
    return tables


def _git(folder: Path, *words: str) -> bytes | None:
    """What git answers; None where it ends with an error, as for what is not there."""
    try:
        ran = subprocess.run(
            ["git", "-C", str(folder), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed here; --against compares with what it keeps") from None
    except subprocess.TimeoutExpired:
        raise RevisionError(f"git did not answer within {SECONDS:g} s") from None
    if b"not a git repository" in ran.stderr:
        raise RevisionError(f"{folder} is in no git repository, so there is nothing to compare with")
    if len(ran.stdout) > BYTES:
        raise RevisionError(f"a file of that revision is larger than {BYTES >> 20} MiB")
    return ran.stdout if ran.returncode == 0 else None
