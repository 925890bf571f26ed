"""The table: what code in a cell may ask of the kernel, and the few conditions on it.

Written from what CPython's interpreter and standard library need once everything is loaded, and from nothing
else. What looks harmless and is not: `socketpair` of datagrams with `sendto` reaches other sockets without
`socket`; `F_SETOWN` with `O_ASYNC` signals others without `kill`; `memfd_create` is memory that no RLIMIT_AS
counts; `clone3` hides its flags behind a pointer, so it answers ENOSYS and libc falls back to `clone`.
"""

from __future__ import annotations

import errno
import fcntl

from gadfly.functions.sandbox import kernel
from gadfly.functions.sandbox.seccomp import ERRNO, Rule, Condition, assemble

_X86 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
    "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17,
    "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "select": 23, "sched_yield": 24, "mremap": 25,
    "madvise": 28, "dup": 32, "dup2": 33, "nanosleep": 35, "getpid": 39, "sendto": 44, "recvfrom": 45, "shutdown": 48,
    "socketpair": 53, "clone": 56, "exit": 60, "uname": 63, "ioctl": 16, "fcntl": 72, "flock": 73, "fsync": 74,
    "fdatasync": 75, "ftruncate": 77, "getcwd": 79, "rename": 82, "mkdir": 83, "rmdir": 84, "unlink": 87,
    "readlink": 89, "gettimeofday": 96, "getrusage": 98, "times": 100, "getuid": 102, "getgid": 104,
    "geteuid": 107, "getegid": 108, "getppid": 110, "sigaltstack": 131, "gettid": 186, "futex": 202,
    "sched_getaffinity": 204, "getdents64": 217, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "exit_group": 231, "epoll_wait": 232, "epoll_ctl": 233, "openat": 257,
    "mkdirat": 258, "newfstatat": 262, "unlinkat": 263, "renameat": 264, "readlinkat": 267, "faccessat": 269,
    "pselect6": 270, "ppoll": 271, "set_robust_list": 273, "epoll_pwait": 281, "eventfd2": 290,
    "epoll_create1": 291, "dup3": 292, "pipe2": 293, "prlimit64": 302, "renameat2": 316, "getrandom": 318,
    "statx": 332, "rseq": 334, "faccessat2": 439,
}  # fmt: skip
_X86_CELL = {"recvmsg": 47, "seccomp": 317, "close_range": 436}
"""What the first process of a cell may do besides: take orders, and lock in what it forks."""
_X86_CLONE3 = 435

THREAD = 0x00010000 | 0x00000100 | 0x00000800 | 0x00000200 | 0x00000400
"""CLONE_THREAD, VM, SIGHAND, FS, FILES: all of them or it is no thread."""
_NAMESPACES = 0x7E020000 | 0x00000080
_STREAM = 1
_FIONBIO = 0x5421
_FCNTL = (
    fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_GETLK,
    fcntl.F_SETLK, fcntl.F_SETLKW, fcntl.F_SETFL,
)  # fmt: skip


def reachable() -> int:
    """How many calls may be made."""
    return len(_X86)


def program(*, forks: bool) -> bytes:
    """The filter of an invocation; or (`forks`) of the process of a cell that forks one for each."""
    tests: dict[str, tuple[Condition, ...]] = {
        "clone": () if forks else (Condition(0, (THREAD,), THREAD | _NAMESPACES),),
        "socketpair": (Condition(0, (1,)), Condition(1, (_STREAM,), 0xF)),
        "sendto": (Condition(4, (0,)),),
        "recvfrom": (Condition(4, (0,)),),
        "prlimit64": (Condition(0, (0,)), Condition(2, (0,))),
        # O_ASYNC sends signals; without F_SETOWN there is nobody to send them to.
        "fcntl": (Condition(1, _FCNTL),),
        "ioctl": (Condition(1, (_FIONBIO,)),),
        "mmap": (),
    }
    numbers = {**_X86, **(_X86_CELL if forks else {})}
    rules = [
        Rule(number, tests.get(name, ()), ERRNO | (errno.ENOTTY if name == "ioctl" else errno.EPERM))
        for name, number in numbers.items()
    ]
    return assemble(kernel.AUDIT_ARCH, rules, {_X86_CLONE3: ERRNO | errno.ENOSYS}, ERRNO | errno.EPERM)
