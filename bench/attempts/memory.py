"""Attempts on memory: more than there is, and memory that is both written and run. 256 MiB is too much."""

from __future__ import annotations

import ctypes
import mmap
import os
import threading

from _raw import call, word

MUCH = 256 << 20


def allocate() -> object:
    return len(bytearray(MUCH))


def allocate_in_parts() -> object:
    parts = [bytearray(16 << 20) for _ in range(MUCH // (16 << 20))]
    return len(parts)


def map_private() -> object:
    return len(mmap.mmap(-1, MUCH, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


def map_shared() -> object:
    return len(mmap.mmap(-1, MUCH, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))


def map_without_reserve() -> object:
    return len(mmap.mmap(-1, MUCH, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000))


def map_growing() -> object:
    room = mmap.mmap(-1, 1 << 20)
    room.resize(MUCH)
    return len(room)


def hold_by_descriptor() -> object:
    held = os.memfd_create("x")
    os.ftruncate(held, MUCH)
    return True


def hold_in_shared_memory() -> object:
    held = os.open("/dev/shm/gadfly-attempt-memory", os.O_RDWR | os.O_CREAT)
    os.unlink("/dev/shm/gadfly-attempt-memory")
    os.ftruncate(held, MUCH)
    return True


def hold_in_pipes() -> object:
    """A pipe keeps 64 KiB in the kernel: a hundred of them are counted nowhere but by descriptors."""
    held = []
    for _ in range(100):
        reads, writes = os.pipe()
        held.append(reads)
        held.append(writes)
        os.write(writes, bytes(65536))
    return len(held) == 200


def hold_in_threads() -> object:
    threading.stack_size(64 << 20)
    held = threading.Event()
    try:
        for _ in range(MUCH // (64 << 20) + 1):
            threading.Thread(target=held.wait, daemon=True).start()
    finally:
        held.set()
    return True


def move_the_break() -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sbrk.restype = ctypes.c_void_p
    return libc.sbrk(ctypes.c_long(MUCH)) != 2**64 - 1


def write_and_run() -> object:
    return len(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))


def run_what_was_written() -> object:
    room = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(room))
    return call(10, word(address), word(4096), word(5)) == 0


def run_what_was_mapped_shared() -> object:
    return len(mmap.mmap(-1, 4096, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, prot=7))


def write_what_is_run() -> object:
    address = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p).value or 0
    return call(10, word(address & ~4095), word(4096), word(7)) == 0


def map_one_memory_twice() -> object:
    """Once to write, once to run: each mapping is innocent."""
    held = os.memfd_create("code")
    os.ftruncate(held, 4096)
    one = mmap.mmap(held, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    two = mmap.mmap(held, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)
    one.write(b"\xc3")
    return two[0] == 0xC3


def lock_memory() -> object:
    return call(149, word(ctypes.addressof(ctypes.create_string_buffer(8192))), word(4096)) == 0


def write_code_to_a_file_and_map_it() -> object:
    path = "/tmp/gadfly-attempt-code"
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o700)
    os.unlink(path)
    os.write(held, bytes(4096))
    return len(mmap.mmap(held, 4096, mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC))
