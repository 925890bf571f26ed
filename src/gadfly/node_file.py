"""The run file: a running node tells the programs of its own user where it is and how to be let in."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gadfly.instrument import runfile


def write(content: Mapping[str, Any]) -> Path:
    """Write it where :mod:`gadfly.instrument.runfile` looks, readable by the owner only; returns the path.

    OSError where the folder cannot be made or written.
    """
    path = runfile.path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    fresh.replace(path)
    return path


def remove(path: Path) -> None:
    """Take it away, unless another node has written its own since."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        if json.loads(path.read_text())["pid"] == os.getpid():
            path.unlink()
