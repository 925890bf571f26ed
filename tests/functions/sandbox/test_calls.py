"""The table of calls: what is in it, and on what conditions."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Callable

import pytest

from gadfly.functions.sandbox import calls, kernel
from gadfly.functions.sandbox.seccomp import ALLOW, ERRNO

NO = ERRNO | errno.EPERM
NOT_THERE = ERRNO | errno.ENOSYS
FIRST = calls.program()
NARROWER = calls.narrower()
NUMBERS = {**calls.NUMBERS, **calls._CELL, "prctl": calls._PRCTL, "clone3": 435}
THREAD = 0x3D0F00


def test_few_can_be_reached() -> None:
    assert calls.reachable() <= 90


def test_the_other_processor_has_the_same_ones_but_for_those_it_never_had() -> None:
    assert set(calls._ARM) <= set(calls._X86)
    older = {
        "poll",
        "access",
        "select",
        "dup2",
        "rename",
        "mkdir",
        "rmdir",
        "unlink",
        "readlink",
        "epoll_wait",
    }
    assert set(calls._X86) - set(calls._ARM) == older


@pytest.mark.parametrize(
    ("name", "arguments", "first", "call"),
    [
        pytest.param("read", (0,), ALLOW, ALLOW, id="read"),
        pytest.param("clone", (17,), ALLOW, NO, id="fork"),
        pytest.param("clone", (THREAD,), ALLOW, ALLOW, id="thread"),
        pytest.param("clone", (THREAD | 0x10000000,), NO, NO, id="thread-in-a-user-namespace"),
        pytest.param("clone", (17 | 0x10000000,), NO, NO, id="user-namespace"),
        pytest.param("clone", (17 | 0x00020000,), NO, NO, id="mount-namespace"),
        pytest.param("clone3", (0,), NOT_THERE, NOT_THERE, id="clone3"),
        pytest.param("mmap", (0, 4096, 3, 0x22), ALLOW, ALLOW, id="map-to-write"),
        pytest.param("mmap", (0, 4096, 5, 0x22), ALLOW, ALLOW, id="map-to-run"),
        pytest.param("mmap", (0, 4096, 3, 0x21), NO, NO, id="map-shared"),
        pytest.param("mmap", (0, 4096, 1, 0x01), NO, NO, id="map-a-file-shared"),
        pytest.param("mmap", (0, 4096, 3, 0x03), NO, NO, id="map-shared-in-a-newer-way"),
        pytest.param("mmap", (0, 4096, 7, 0x22), NO, NO, id="map-both"),
        pytest.param("mprotect", (0, 4096, 1), ALLOW, ALLOW, id="protect"),
        pytest.param("mprotect", (0, 4096, 5), NO, NO, id="make-it-run"),
        pytest.param("fcntl", (3, fcntl.F_SETFL, 0x2000), ALLOW, ALLOW, id="flags"),
        pytest.param("fcntl", (3, fcntl.F_SETOWN, 1), NO, NO, id="owner"),
        pytest.param("fcntl", (3, 15, 0), NO, NO, id="owner-by-thread"),
        pytest.param("fcntl", (3, 10, 9), NO, NO, id="signal"),
        pytest.param("fcntl", (3, fcntl.F_GETLK, 0x1000), NO, NO, id="see-locks"),
        pytest.param("fcntl", (3, fcntl.F_SETLK, 0x1000), NO, NO, id="lock"),
        pytest.param("fcntl", (3, fcntl.F_SETLKW, 0x1000), NO, NO, id="wait-for-a-lock"),
        pytest.param("socketpair", (1, 1 | 0x80000), ALLOW, ALLOW, id="pair-of-streams"),
        pytest.param("socketpair", (1, 2), NO, NO, id="pair-of-datagrams"),
        pytest.param("socketpair", (1, 5), NO, NO, id="pair-of-packets"),
        pytest.param("socketpair", (2, 1), NO, NO, id="pair-of-the-network"),
        pytest.param("sendto", (3, 0, 1, 0, 0), ALLOW, ALLOW, id="send"),
        pytest.param("sendto", (3, 0, 1, 0, 0x7F00_0000_0000), NO, NO, id="send-to-an-address"),
        pytest.param("prlimit64", (0, 7, 0), ALLOW, ALLOW, id="read-a-limit"),
        pytest.param("prlimit64", (0, 7, 0x1000), ALLOW, NO, id="set-a-limit"),
        pytest.param("prlimit64", (1, 7, 0), NO, NO, id="limit-of-another"),
        pytest.param("ioctl", (3, 0x5421), ALLOW, ALLOW, id="do-not-block"),
        pytest.param("ioctl", (3, 0x5412), ERRNO | errno.ENOTTY, ERRNO | errno.ENOTTY, id="type-for-another"),
        pytest.param("recvmsg", (3,), ALLOW, NO, id="take-orders"),
        pytest.param("seccomp", (1,), ALLOW, NO, id="add-a-filter"),
        pytest.param("prctl", (1, 9), ALLOW, NO, id="outlive-the-parent"),
    ],
)
def test_on_what_conditions(
    name: str, arguments: tuple[int, ...], first: int, call: int, run_filter: Callable[..., int]
) -> None:
    number = NUMBERS[name]
    found = run_filter(FIRST, number, arguments, kernel.AUDIT_ARCH)
    assert found == first
    # Of two filters the kernel obeys the one that allows less.
    narrowed = run_filter(NARROWER, number, arguments, kernel.AUDIT_ARCH)
    assert (found if narrowed == ALLOW else narrowed) == call


@pytest.mark.parametrize(("option", "answer"), [(1, ALLOW), (4, NO), (22, NO), (38, NO)])
def test_the_first_process_says_what_ends_with_it_and_no_more(
    option: int, answer: int, run_filter: Callable[..., int]
) -> None:
    assert run_filter(FIRST, NUMBERS["prctl"], (option, 9), kernel.AUDIT_ARCH) == answer


def test_the_filter_of_a_call_is_short() -> None:
    assert len(NARROWER) // 8 < 50
