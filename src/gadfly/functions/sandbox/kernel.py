"""The calls of the kernel that a sandbox is built from and Python has no function for. Linux ≥ 5.13.

Each is a thin function over syscall(2) or libc; an error is an OSError with the kernel's number. Nothing here
decides anything. Numbers are of x86-64 and, where they differ, of arm64.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_interpreter = ctypes.PyDLL(None, use_errno=True)
"""The same library, called without giving up the interpreter's lock."""
# What is called in each fork is looked up here, and its arguments are made before.
_syscall, _prctl, _fork = _interpreter.syscall, _interpreter.prctl, _interpreter.fork
_syscall.restype = ctypes.c_long

ARM = os.uname().machine == "aarch64"
AUDIT_ARCH = 0xC00000B7 if ARM else 0xC000003E

_PIVOT_ROOT = 41 if ARM else 155
_SECCOMP = 277 if ARM else 317
_CLONE3 = 435
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_CAPSET = 91 if ARM else 126
_CLOSE_RANGE = 436
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_PIDFD = 0x10000000, 0x20000000, 0x40000000, 0x00001000
_CLONE_INTO_CGROUP = 0x200000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
PR_SET_MDWE, PR_GET_MDWE = 65, 66
_DEATH = ctypes.c_int(PR_SET_PDEATHSIG)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _call(number: int, *arguments: object) -> int:
    return _checked(_libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, *arguments: int) -> int:
    four = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(ctypes.c_int(option), *four))


_DIES = tuple(ctypes.c_ulong(one) for one in (signal.SIGKILL, 0, 0, 0))


def die_with_parent() -> None:
    """The kernel kills this process as soon as the one that started it ends."""
    _checked(_prctl(_DEATH, *_DIES))


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    _checked(
        _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    )


def umount(target: str, flags: int = 0) -> None:
    _checked(_libc.umount2(target.encode(), flags))


def pivot_root(new: str, old: str) -> None:
    _call(_PIVOT_ROOT, new.encode(), old.encode())


_AT_EMPTY_PATH, _AT_RECURSIVE = 0x1000, 0x8000
_OPEN_TREE_CLONE, _OPEN_TREE_CLOEXEC = 1, os.O_CLOEXEC
_MOVE_FROM_EMPTY = 0x4
MOUNT_RDONLY, MOUNT_NOSUID, MOUNT_NODEV, MOUNT_NOEXEC = 1, 2, 4, 8


def copy_tree(folder: int) -> int:
    """A copy, attached nowhere yet, of what is mounted at this descriptor and below it."""
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_EMPTY_PATH | _AT_RECURSIVE
    return _call(_OPEN_TREE, ctypes.c_int(folder), b"", ctypes.c_uint(flags))


def restrict_tree(tree: int, attributes: int) -> None:
    """Set these on all of a copied tree."""
    packed = struct.pack("=QQQQ", attributes, 0, 0, 0)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    flags = _AT_EMPTY_PATH | _AT_RECURSIVE
    _call(_MOUNT_SETATTR, ctypes.c_int(tree), b"", ctypes.c_uint(flags), buffer, ctypes.c_size_t(32))


def attach_tree(tree: int, target: str) -> None:
    _call(
        _MOVE_MOUNT,
        ctypes.c_int(tree),
        b"",
        ctypes.c_int(-100),
        target.encode(),
        ctypes.c_uint(_MOVE_FROM_EMPTY),
    )


def clone(flags: int, cgroup: int = -1) -> tuple[int, int]:
    """A fork with these namespaces; (pid, pidfd) for the parent, (0, -1) for the child.

    `cgroup`: the descriptor of a cgroup v2 folder that it begins its life in.
    """
    descriptor = ctypes.c_int(-1)
    arguments = struct.pack(
        "=11Q",
        flags | CLONE_PIDFD | (_CLONE_INTO_CGROUP if cgroup >= 0 else 0),
        ctypes.addressof(descriptor),
        0,
        0,
        17,  # SIGCHLD
        *(0, 0, 0, 0, 0),
        max(cgroup, 0),
    )
    buffer = ctypes.create_string_buffer(arguments, len(arguments))
    pid = _call(_CLONE3, buffer, ctypes.c_size_t(len(arguments)))
    return pid, descriptor.value if pid else -1


def fork() -> int:
    """The C library's fork, and nothing of what Python does around it: for a process with one thread.

    Python's own would make the child write to some hundred pages that it then has for itself. What matters of
    it is left to the caller: numbers drawn at random must not be the parent's.
    """
    return _checked(_fork())


def few_arenas(count: int) -> None:
    """How many heaps the C library keeps for threads: each takes 64 MiB of addresses, which are limited."""
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(ctypes.c_int(-8), ctypes.c_int(count))


class Filter:
    """A program of :mod:`seccomp`, laid out for the kernel ahead of its use."""

    def __init__(self, program: bytes) -> None:
        self._program = ctypes.create_string_buffer(program, len(program))
        header = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(self._program))
        packed = ctypes.create_string_buffer(header, len(header))
        self._arguments = (ctypes.c_long(_SECCOMP), ctypes.c_uint(1), ctypes.c_uint(0), packed)

    def install(self) -> None:
        """From now on, for this thread and what it starts, for ever."""
        _checked(_syscall(*self._arguments))


def drop_capabilities() -> None:
    """None effective, permitted, inheritable or ambient, and none to be got back."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    header = ctypes.create_string_buffer(struct.pack("=II", 0x20080522, 0), 8)
    nothing = ctypes.create_string_buffer(bytes(24), 24)
    _call(_CAPSET, header, nothing)


def close_from(first: int, last: int = 0xFFFFFFFF) -> None:
    _call(_CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(last), ctypes.c_uint(0))


def landlock_version() -> int:
    """0 where this kernel has none, or it is off."""
    found = int(_libc.syscall(ctypes.c_long(_LANDLOCK_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint(1)))
    return max(0, found)


def landlock_ruleset(files: int, net: int, scopes: int, version: int) -> int:
    attributes = struct.pack("=QQQ", files, net, scopes)[: 8 if version < 4 else 16 if version < 6 else 24]
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    return _call(_LANDLOCK_CREATE, buffer, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))


def landlock_allow(ruleset: int, access: int, beneath: int) -> None:
    """`beneath`: a descriptor of the folder (or file) below which this is allowed."""
    attributes = struct.pack("=Qi", access, beneath)
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    _call(_LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_uint(1), buffer, ctypes.c_uint(0))


def landlock_restrict(ruleset: int) -> None:
    _call(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
