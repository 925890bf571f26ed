"""Calls of the kernel by number, as hand-written code would make them. x86-64."""

from __future__ import annotations

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def call(number: int, *arguments: object) -> int:
    """OSError where the kernel refuses."""
    got = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if got < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return got


def word(value: int) -> ctypes.c_ulong:
    """An argument as wide as a register."""
    return ctypes.c_ulong(value)
