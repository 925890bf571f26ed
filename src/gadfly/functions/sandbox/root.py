"""What a cell sees of the file system: the standard library and its code, to read; scratch, where granted.

Runs in the cell's own mount namespace, before anything else is dropped. The folders come as descriptors, so
that nothing on the way to them has to be open to the cell's user.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from gadfly.functions.sandbox import kernel

HIDDEN = ("site-packages", "dist-packages", "test", "idlelib")
"""Of the library's folder: what this machine has installed besides, and what no function needs."""
ANYWHERE = "/tmp"  # noqa: S108  a folder that is there everywhere; only the cell sees what is mounted on it


class Folder(NamedTuple):
    """`descriptor` is the folder outside, `path` where it stands in the cell; `code`: may be executed."""

    descriptor: int
    path: str
    code: bool


def look(path: str) -> int:
    """A descriptor of a folder, in this mount namespace: the kernel copies no tree of another one."""
    return os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def build(folders: Sequence[Folder], scratch: int) -> None:
    """Make the root of these folders the only one. `scratch`: bytes of `/tmp`; 0: there is none to write."""
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    trees = []
    for folder in folders:
        tree = kernel.copy_tree(folder.descriptor)
        attributes = kernel.MOUNT_RDONLY | kernel.MOUNT_NOSUID | kernel.MOUNT_NODEV
        kernel.restrict_tree(tree, attributes | (0 if folder.code else kernel.MOUNT_NOEXEC))
        trees.append(tree)
    bare = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("cell", ANYWHERE, "tmpfs", bare, "size=64k,nr_inodes=64,mode=0555")
    for folder, tree in zip(folders, trees, strict=True):
        place = ANYWHERE + folder.path
        os.makedirs(place, 0o555, exist_ok=True)
        kernel.attach_tree(tree, place)
        os.close(tree)
        for name in HIDDEN if folder.code else ():
            if os.path.isdir(hidden := f"{place}/{name}"):
                kernel.mount(
                    "none", hidden, "tmpfs", bare | kernel.MS_RDONLY, "size=4k,nr_inodes=1,mode=0555"
                )
    own = ANYWHERE + "/tmp"  # noqa: S108
    os.makedirs(own, 0o700, exist_ok=True)
    if scratch:
        kernel.mount("scratch", own, "tmpfs", bare, f"size={scratch},nr_inodes=4096,mode=0700")
    kernel.mount("none", ANYWHERE, "", kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | bare)
    os.chdir(ANYWHERE)
    kernel.pivot_root(".", ".")
    kernel.umount(".", kernel.MNT_DETACH)
    os.chdir("/")
