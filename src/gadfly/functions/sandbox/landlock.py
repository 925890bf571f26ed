"""Landlock: files by folder, no TCP, and no signal or abstract socket to anything outside.

The second lock on the same doors: it holds where the first (the mount namespace, seccomp) has a hole, and is
the first one where there are no user namespaces. It says nothing of looking a name up, of chmod, utime and
extended attributes: those are the filter's.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Sequence

from gadfly.functions.sandbox import kernel

_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_REMOVE = 0x30  # folders, files
_MAKE = 0x100 | 0x80  # files, folders; no devices, sockets, pipes or links
_TRUNCATE = 0x4000
_BY_VERSION = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_TCP = 3  # bind, connect; from version 4
_SCOPES = 3  # abstract sockets, signals; from version 6


def restrict(
    readable: Sequence[int],
    writable: Sequence[int],
    *,
    libraries: Sequence[int] = (),
    hidden: Collection[str] = (),
) -> int:
    """From now on only what is below these folders, given as descriptors; the version that the kernel has.

    `libraries`: readable ones from which code may be mapped, but not what is directly in them with a name of
    `hidden`; that is there to be listed only. OSError (ENOSYS, EOPNOTSUPP) where it is not in
    this kernel or switched off.
    """
    version = kernel.landlock_version()
    handled = _BY_VERSION[min(max(version, 1), 5)]
    ruleset = kernel.landlock_ruleset(
        handled, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0, version
    )
    reading = (_READ | _LIST) & handled
    for library in libraries:
        _allow_parts(ruleset, library, reading | _EXECUTE, hidden)
    for folders, access in (
        (readable, reading),
        (writable, (reading | _WRITE | _REMOVE | _MAKE | _TRUNCATE) & handled),
    ):
        for folder in folders:
            kernel.landlock_allow(ruleset, access, folder)
    kernel.landlock_restrict(ruleset)
    os.close(ruleset)
    return version


def _allow_parts(ruleset: int, folder: int, access: int, hidden: Collection[str]) -> None:
    """Landlock can only allow: where something is hidden, everything beside it is named."""
    if not hidden:
        kernel.landlock_allow(ruleset, access, folder)
        return
    kernel.landlock_allow(ruleset, access & _LIST, folder)
    for name in _names(folder):
        if name in hidden:
            continue
        part = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        mode = os.fstat(part).st_mode
        if stat.S_ISDIR(mode):
            kernel.landlock_allow(ruleset, access, part)
        elif stat.S_ISREG(mode):
            kernel.landlock_allow(ruleset, access & ~_LIST, part)
        os.close(part)


def _names(folder: int) -> list[str]:
    """What is in there; `folder` may be a descriptor that only names it."""
    listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.listdir(listed)
    finally:
        os.close(listed)
