"""The table: what code in a cell may ask of the kernel, and the few conditions on it.

Written from what CPython's interpreter and standard library need once everything is loaded, and from nothing
else. What looks harmless and is not: `socketpair` of datagrams with `sendto` reaches other sockets without
`socket`; `F_SETOWN` with `O_ASYNC` signals others without `kill`; `memfd_create` is memory that no RLIMIT_AS
counts; a lock that one cell sets on a file of the library is seen in another, which is a way to pass a secret
on, and memory of the kernel; `clone3` hides its flags behind a pointer, so it answers ENOSYS and libc falls
back to `clone`; Landlock knows nothing of chmod, utime and extended attributes, so none of those is here.
"""

from __future__ import annotations

import errno
import fcntl

from gadfly.functions.sandbox import kernel
from gadfly.functions.sandbox.seccomp import ALLOW, ERRNO, Condition, Rule, assemble

_X86 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
    "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17,
    "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "select": 23, "sched_yield": 24, "mremap": 25,
    "madvise": 28, "dup": 32, "dup2": 33, "nanosleep": 35, "getpid": 39, "sendto": 44, "recvfrom": 45,
    "shutdown": 48, "socketpair": 53, "clone": 56, "exit": 60, "uname": 63, "ioctl": 16, "fcntl": 72,
    "fsync": 74, "fdatasync": 75, "ftruncate": 77, "getcwd": 79, "rename": 82, "mkdir": 83,
    "rmdir": 84, "unlink": 87,
    "readlink": 89, "gettimeofday": 96, "getrusage": 98, "times": 100, "getuid": 102, "getgid": 104,
    "geteuid": 107, "getegid": 108, "getppid": 110, "sigaltstack": 131, "gettid": 186, "futex": 202,
    "sched_getaffinity": 204, "getdents64": 217, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "exit_group": 231, "epoll_wait": 232, "epoll_ctl": 233, "openat": 257,
    "mkdirat": 258, "newfstatat": 262, "unlinkat": 263, "renameat": 264, "readlinkat": 267, "faccessat": 269,
    "pselect6": 270, "ppoll": 271, "set_robust_list": 273, "epoll_pwait": 281, "eventfd2": 290,
    "epoll_create1": 291, "dup3": 292, "pipe2": 293, "prlimit64": 302, "renameat2": 316, "getrandom": 318,
    "statx": 332, "rseq": 334, "faccessat2": 439,
}  # fmt: skip
_ARM = {
    "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222, "mprotect": 226,
    "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
    "pread64": 67, "pwrite64": 68, "readv": 65, "writev": 66, "sched_yield": 124, "mremap": 216,
    "madvise": 233, "dup": 23, "nanosleep": 101, "getpid": 172, "sendto": 206, "recvfrom": 207,
    "shutdown": 210, "socketpair": 199, "clone": 220, "exit": 93, "uname": 160, "ioctl": 29, "fcntl": 25,
    "fsync": 82, "fdatasync": 83, "ftruncate": 46, "getcwd": 17, "gettimeofday": 169,
    "getrusage": 165, "times": 153, "getuid": 174, "getgid": 176, "geteuid": 175, "getegid": 177,
    "getppid": 173, "sigaltstack": 132, "gettid": 178, "futex": 98, "sched_getaffinity": 123,
    "getdents64": 61, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94,
    "epoll_ctl": 21, "openat": 56, "mkdirat": 34, "newfstatat": 79, "unlinkat": 35, "renameat": 38,
    "readlinkat": 78, "faccessat": 48, "pselect6": 72, "ppoll": 73, "set_robust_list": 99,
    "epoll_pwait": 22, "eventfd2": 19, "epoll_create1": 20, "dup3": 24, "pipe2": 59, "prlimit64": 261,
    "renameat2": 276, "getrandom": 278, "statx": 291, "rseq": 293, "faccessat2": 439,
}  # fmt: skip
"""The same for arm64, which never had the older ones (open, poll, dup2, rename and so on)."""
_CELL = {"recvmsg": 212, "seccomp": 277} if kernel.ARM else {"recvmsg": 47, "seccomp": 317}
_CELL["close_range"] = 436
"""What the first process of a cell may do besides: take orders, and lock in what it forks."""
_PRCTL = 167 if kernel.ARM else 157
_CLONE3 = 435
NUMBERS = _ARM if kernel.ARM else _X86
"""Name to number, of this machine."""

_THREAD = 0x00010000 | 0x00000100 | 0x00000800 | 0x00000200 | 0x00000400
"""CLONE_THREAD, VM, SIGHAND, FS, FILES: all of them or it is no thread."""
_NAMESPACES = 0x7E020000 | 0x00000080
_STREAM = 1
_WRITE, _EXECUTE = 2, 4
_PRIVATE, _KINDS = 2, 0xF
_FIONBIO = 0x5421
_FCNTL = (
    fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL,
)  # fmt: skip


def reachable() -> int:
    """How many calls a handler may make."""
    return len(NUMBERS)


def program() -> bytes:
    """The filter of the first process of a cell, which never runs the function's code. What it forks adds
    :func:`narrower`."""
    numbers = {**NUMBERS, **_CELL, "prctl": _PRCTL}
    tests: dict[str, tuple[Condition, ...]] = {
        "clone": (Condition(0, (0,), _NAMESPACES),),
        "socketpair": (Condition(0, (1,)), Condition(1, (_STREAM,), 0xF)),
        "sendto": (Condition(4, (0,)),),
        "recvfrom": (Condition(4, (0,)),),
        # Of itself only; to set one can only lower it, and the invocation's filter refuses even that.
        "prlimit64": (Condition(0, (0,)),),
        # O_ASYNC sends signals; without F_SETOWN there is nobody to send them to.
        "fcntl": (Condition(1, _FCNTL),),
        "prctl": (Condition(0, (kernel.PR_SET_PDEATHSIG,)),),
        "ioctl": (Condition(1, (_FIONBIO,)),),
        # Never both to write and to execute, and nothing becomes executable later. Nothing is shared: no call
        # has anybody to share it with.
        "mmap": (
            Condition(2, (0, _WRITE, _EXECUTE), _WRITE | _EXECUTE),
            Condition(3, (_PRIVATE,), _KINDS),
        ),
        "mprotect": (Condition(2, (0,), _EXECUTE),),
    }
    rules = [
        Rule(number, tests.get(name, ()), ERRNO | (errno.ENOTTY if name == "ioctl" else errno.EPERM))
        for name, number in numbers.items()
    ]
    return assemble(kernel.AUDIT_ARCH, rules, {_CLONE3: ERRNO | errno.ENOSYS}, ERRNO | errno.EPERM)


def narrower() -> bytes:
    """What is taken away from an invocation besides: it starts threads only, and takes no orders.

    A second filter on top: of two, the kernel obeys the stricter answer. So it need not say again what the
    first one refuses, and is short: it is loaded at every call.
    """
    rules = [
        Rule(NUMBERS["clone"], (Condition(0, (_THREAD,), _THREAD | _NAMESPACES),)),
        Rule(NUMBERS["prlimit64"], (Condition(2, (0,)),)),
    ]
    refused = dict.fromkeys((*_CELL.values(), _PRCTL), ERRNO | errno.EPERM)
    return assemble(kernel.AUDIT_ARCH, rules, refused, ALLOW)
