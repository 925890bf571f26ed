"""What the file of a program says of its rights: setuid, setgid, capabilities of its own."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress


def own(program: str, path: str | None = None) -> str:
    """By what it has more rights than whoever starts it, in words; empty where by nothing, or not found.

    `path`: where it is looked for, as PATH says it; None: as ours does.
    """
    with suppress(OSError, ValueError):
        found = shutil.which(program, path=path)
        if found is None or os.statvfs(found).f_flag & os.ST_NOSUID:
            return ""
        mode = os.stat(found).st_mode
        if mode & stat.S_ISUID:
            return "it is setuid"
        if mode & stat.S_ISGID and mode & stat.S_IXGRP:
            return "it is setgid"
        os.getxattr(found, "security.capability")
        return "it has capabilities of its own"
    return ""
