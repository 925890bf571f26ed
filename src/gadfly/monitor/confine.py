"""Laying down what a process does not need that reads what strangers send, once it has what it needs.

The ear, and the judge of expressions: they give up the user, the capabilities, the ways to gain them again,
new files and processes, the file system, and new sockets with whatever else they never ask of the kernel.
Each step is tried; what held of the ear's is counted and shown as a metric. Standard library only, so that
the judge starts quickly.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct

from gadfly.monitor import refused_calls

NOBODY = 65534
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 4, 38, 24
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_MACHINE = os.uname().machine
_CAPSET, _LANDLOCK_CREATE, _LANDLOCK_RESTRICT = {
    "x86_64": (126, 444, 446),
    "aarch64": (91, 444, 446),
}.get(_MACHINE, (0, 0, 0))
_CAP_VERSION_3 = 0x20080522
_FILE_RIGHTS = (1 << 13) - 1
"""Everything that Landlock's first version can deny."""

_libc = ctypes.CDLL(None, use_errno=True)


def lay_down() -> dict[str, bool]:
    """Confine this process for good; returns what held, by the name it is counted under."""
    return {
        "confined_limits": _limits(),
        "confined_user": _user(),
        "confined_capabilities": _capabilities(),
        "confined_new_privileges": _prctl(_PR_SET_NO_NEW_PRIVS, 1),
        "confined_files": _files(),
        "confined_calls": _calls(),  # last: what comes before it makes some of them
    }


def _prctl(option: int, value: int) -> bool:
    return bool(_libc.prctl(option, value, 0, 0, 0) == 0)


def _limits() -> bool:
    """No core file (it would hold the keys), no new process, few descriptors."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        most = max(64, len(os.listdir("/proc/self/fd")) + 32)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError):
        return False
    return _prctl(_PR_SET_DUMPABLE, 0)


def _user() -> bool:
    """From root to nobody; whoever is not root stays who he is."""
    if os.geteuid() != 0:
        return True
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        return False
    return os.geteuid() != 0


def _capabilities() -> bool:
    if not _CAPSET:
        return False
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAP_VERSION_3, 0))
    nothing = ctypes.create_string_buffer(24)
    return bool(_libc.syscall(_CAPSET, header, nothing) == 0)


def _files() -> bool:
    """Landlock: no path may be opened any more. Needs no_new_privs."""
    if not _LANDLOCK_CREATE:
        return False
    attributes = ctypes.create_string_buffer(struct.pack("=Q", _FILE_RIGHTS))
    rules = _libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    try:
        return bool(_libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        with contextlib.suppress(OSError):
            os.close(rules)


def _calls() -> bool:
    """seccomp: calls that it never makes are refused. Needs no_new_privs."""
    program = refused_calls.program(_MACHINE)
    if not program:
        return False
    held = ctypes.create_string_buffer(program, len(program))
    steps = len(program) // refused_calls.STEP
    described = struct.pack("@HP", steps, ctypes.addressof(held))  # struct sock_fprog
    return bool(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described, 0, 0) == 0)
