"""Landlock: files by folder, no TCP, and no signal or abstract socket to anything outside.

The second lock on the same doors: it holds where the first (the mount namespace, seccomp) has a hole, and is
the first one where there are no user namespaces.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from gadfly.functions.sandbox import kernel

_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_REMOVE = 0x30  # folders, files
_MAKE = 0x100 | 0x80  # files, folders; no devices, sockets, pipes or links
_TRUNCATE = 0x4000
_BY_VERSION = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_TCP = 3  # bind, connect; from version 4
_SCOPES = 3  # abstract sockets, signals; from version 6


def restrict(readable: Sequence[str], writable: Sequence[str], *, libraries: Sequence[str] = ()) -> int:
    """From now on only these; returns the version that the kernel has, 0 for none (then nothing is done).

    `libraries`: readable ones from which code may be mapped.
    """
    version = kernel.landlock_version()
    if not version:
        return 0
    handled = _BY_VERSION[min(version, 5)]
    ruleset = kernel.landlock_ruleset(
        handled, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0, version
    )
    reading = (_READ | _LIST) & handled
    for paths, access in (
        (readable, reading),
        (libraries, reading | _EXECUTE),
        (writable, (reading | _WRITE | _REMOVE | _MAKE | _TRUNCATE) & handled),
    ):
        for path in paths:
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                kernel.landlock_allow(ruleset, access, folder)
            finally:
                os.close(folder)
    kernel.landlock_restrict(ruleset)
    os.close(ruleset)
    return version
