"""Attempts on the kernel's less travelled calls, by number."""

from __future__ import annotations

import ctypes
import mmap
import os
import struct

from _raw import call, word


def _room(size: int = 4096) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(size)


def _in_a_fork(number: int, *arguments: object) -> bool:
    """Outside it is tried in a fork, so that what it changes goes with that; where none can be made, at once."""
    try:
        pid = os.fork()
    except OSError:
        call(number, *arguments)
        return True
    if pid == 0:
        try:
            call(number, *arguments)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def make_memory_without_a_name() -> object:
    return call(319, b"x", word(0)) >= 0


def make_a_user_namespace() -> object:
    return _in_a_fork(272, word(0x10000000))


def make_a_mount_namespace() -> object:
    return _in_a_fork(272, word(0x00020000))


def make_a_network_namespace() -> object:
    return _in_a_fork(272, word(0x40000000))


def make_a_process_namespace() -> object:
    return _in_a_fork(272, word(0x20000000))


def clone_into_a_user_namespace() -> object:
    pid = call(56, word(0x10000000 | 17), word(0), word(0), word(0), word(0))
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


def clone_by_the_newer_call() -> object:
    arguments = struct.pack("=8Q", 0, 0, 0, 0, 17, 0, 0, 0)
    pid = call(435, ctypes.create_string_buffer(arguments, 64), word(64))
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


def fork_by_number() -> object:
    pid = call(57)
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


def mount_something() -> object:
    if (pid := os.fork()) == 0:
        call(272, word(0x00020000))
        call(165, b"none", b"/", b"", word(16384 | 1 << 18), None)
        os._exit(0 if call(165, b"x", b"/tmp", b"tmpfs", word(0), None) == 0 else 1)
    return os.waitpid(pid, 0)[1] == 0


def open_a_tree() -> object:
    return call(428, ctypes.c_int(-100), b"/", word(1)) >= 0


def open_a_new_file_system() -> object:
    return call(430, b"tmpfs", word(0)) >= 0


def join_a_namespace() -> object:
    held = os.open("/proc/self/ns/uts", os.O_RDONLY)
    return _in_a_fork(308, word(held), word(0))


def trace_itself() -> object:
    return _in_a_fork(101, word(0), word(0), word(0), word(0))


def read_memory_of_a_process() -> object:
    room = ctypes.create_string_buffer(8)
    there = struct.pack("=QQ", ctypes.addressof(room), 8)
    one, two = ctypes.create_string_buffer(there, 16), ctypes.create_string_buffer(there, 16)
    return call(310, word(os.getpid()), one, word(1), two, word(1), word(0)) == 8


def write_memory_of_a_process() -> object:
    room = ctypes.create_string_buffer(8)
    there = struct.pack("=QQ", ctypes.addressof(room), 8)
    one, two = ctypes.create_string_buffer(there, 16), ctypes.create_string_buffer(there, 16)
    return call(311, word(os.getpid()), one, word(1), two, word(1), word(0)) == 8


def compare_processes() -> object:
    return call(312, word(os.getpid()), word(os.getpid()), word(0), word(0), word(0)) >= 0


def add_a_filter() -> object:
    allow = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000), 8)
    header = ctypes.create_string_buffer(struct.pack("=HxxxxxxQ", 1, ctypes.addressof(allow)), 16)
    call(157, word(38), word(1), word(0), word(0), word(0))
    return call(317, word(1), word(0), header) == 0


def become_visible_to_tracers() -> object:
    return call(157, word(4), word(1), word(0), word(0), word(0)) == 0


def outlive_the_parent() -> object:
    return call(157, word(1), word(0), word(0), word(0), word(0)) == 0


def take_a_name() -> object:
    return call(157, word(15), b"python", word(0), word(0), word(0)) == 0


def set_capabilities() -> object:
    header = ctypes.create_string_buffer(struct.pack("=II", 0x20080522, 0), 8)
    return _in_a_fork(126, header, _room(24))


def read_capabilities() -> object:
    header = ctypes.create_string_buffer(struct.pack("=II", 0x20080522, 0), 8)
    return call(125, header, _room(24)) == 0


def change_personality() -> object:
    return call(135, word(0xFFFFFFFF)) >= 0


def load_a_program_into_the_kernel() -> object:
    # BPF_MAP_CREATE of an array of one.
    arguments = struct.pack("=IIIII", 2, 4, 4, 1, 0) + bytes(100)
    return call(321, word(0), ctypes.create_string_buffer(arguments, 120), word(120)) >= 0


def count_events_of_the_processor() -> object:
    arguments = struct.pack("=IIQ", 1, 112, 0) + bytes(96)
    return (
        call(
            298,
            ctypes.create_string_buffer(arguments, 112),
            word(0),
            word(2**64 - 1),
            word(2**64 - 1),
            word(0),
        )
        >= 0
    )


def use_rings() -> object:
    return call(425, word(4), _room(120)) >= 0


def handle_own_faults() -> object:
    return call(323, word(1)) >= 0


def keep_a_key() -> object:
    return call(248, b"user", b"gadfly", b"x", word(1), word(2**64 - 1)) > 0


def ask_for_keys() -> object:
    return call(250, word(0), word(2**64 - 3), word(1)) > 0


def share_memory_by_key() -> object:
    held = call(29, word(0), word(4096), word(0o1600))
    call(31, word(held), word(0), word(0))
    return True


def send_messages_by_key() -> object:
    held = call(68, word(0), word(0o1600))
    call(71, word(held), word(0), word(0))
    return True


def count_by_key() -> object:
    held = call(64, word(0), word(1), word(0o1600))
    call(66, word(held), word(0), word(0), word(0))
    return True


def open_a_message_queue() -> object:
    return (
        call(240, b"gadfly-attempt", word(0o102), word(0o600), word(0)) >= 0
        and call(241, b"gadfly-attempt") == 0
    )


def watch_files() -> object:
    return call(294, word(0)) >= 0


def take_signals_as_data() -> object:
    return call(289, word(2**64 - 1), ctypes.create_string_buffer(8), word(8), word(0)) >= 0


def keep_a_timer() -> object:
    return call(283, word(1), word(0)) >= 0


def make_a_timer_that_signals() -> object:
    return call(222, word(1), word(0), _room(8)) == 0


def name_the_host() -> object:
    name = os.uname().nodename.encode()
    return call(170, name, word(len(name))) == 0


def read_the_kernels_log() -> object:
    return call(103, word(10), word(0), word(0)) > 0


def ask_for_the_state_of_the_system() -> object:
    return call(99, _room(256)) == 0


def read_the_clock_of_the_kernel() -> object:
    return call(159, _room(256)) >= 0


def keep_memory_from_swap() -> object:
    return call(149, _room(4096), word(4096)) == 0


def have_ports() -> object:
    return call(173, word(0x80), word(1), word(0)) == 0


def read_own_descriptor_table() -> object:
    return call(154, word(0), _room(64), word(64)) >= 0


def copy_between_descriptors() -> object:
    here = os.open(__file__, os.O_RDONLY)
    _, writes = os.pipe()
    return call(40, word(writes), word(here), word(0), word(16)) == 16


def splice_pages() -> object:
    here = os.open(__file__, os.O_RDONLY)
    _, writes = os.pipe()
    return call(275, word(here), word(0), word(writes), word(0), word(16), word(0)) == 16


def name_a_file_by_handle() -> object:
    room = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0) + bytes(128), 136)
    return call(303, ctypes.c_int(-100), b"/", room, _room(8), word(0)) == 0


def own_a_pipes_signals() -> object:
    reads, _ = os.pipe()
    return call(72, word(reads), word(8), word(os.getpid())) == 0


def own_a_pipes_signals_by_thread() -> object:
    reads, _ = os.pipe()
    owner = ctypes.create_string_buffer(struct.pack("=ii", 1, os.getpid()), 8)
    return call(72, word(reads), word(15), owner) == 0


def choose_the_signal_of_a_pipe() -> object:
    reads, _ = os.pipe()
    return call(72, word(reads), word(10), word(10)) == 0


def hold_a_lease() -> object:
    return call(72, word(os.open(__file__, os.O_RDONLY)), word(1024), word(0)) == 0


def seal_memory() -> object:
    held = call(319, b"x", word(2))
    return call(72, word(held), word(1033), word(1)) == 0


def grow_a_pipe() -> object:
    reads, _ = os.pipe()
    return call(72, word(reads), word(1031), word(1 << 20)) > 0


def steer_a_descriptor() -> object:
    reads, _ = os.pipe()
    return call(16, word(reads), word(0x541B), _room(8)) == 0


def run_a_file_by_descriptor() -> object:
    here = os.open("/bin/true", os.O_RDONLY)
    if (pid := os.fork()) == 0:
        call(322, word(here), b"", None, None, word(0x1000))
    return os.waitpid(pid, 0)[1] == 0


def enter_by_the_other_convention() -> object:
    """getpid by the numbers of 32 bit programs: machine code, so it needs memory to run it in."""
    # mov eax, 20; int 0x80; ret
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
    room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    room.write(code)
    run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
    return run() > 0


def enter_by_wider_numbers() -> object:
    """getpid by the numbers of x32, where the kernel has them; where not, the call of the same number."""
    if (pid := os.fork()) == 0:
        try:
            call(0x40000000 + 39)
        except OSError as error:
            os._exit(0 if error.errno == 38 else 1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def make_secret_memory() -> object:
    return call(447, word(0)) >= 0


def restrict_itself_again() -> object:
    return call(444, ctypes.create_string_buffer(struct.pack("=Q", 1), 8), word(8), word(0)) >= 0


def write_all_to_disk() -> object:
    return call(162) == 0
