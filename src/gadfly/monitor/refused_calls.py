"""Calls of the kernel that a process which only reads and answers never makes, as a filter that refuses them.

Pure: the list becomes the bytes of a classic BPF program (seccomp(2); the format is linux/filter.h). A list
of what is refused, not of what is allowed: what numpy and the C library ask for differs from one version to
the next, and an ear that ends is a node that is deaf. Refused are new sockets and connections, programs,
processes, other processes' memory and signals to them, and the parts of a file that Landlock leaves open (its
mode, owner, times, attributes and length).
"""

from __future__ import annotations

import errno
import struct

STEP = 8
"""Bytes of one step of the program."""
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_LOAD, _EQUAL, _FROM, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_OTHER_WAY = 0x40000000
"""Numbers from here on are the x32 way into the same kernel."""

SOCKETS = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
}
PROCESSES = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "prlimit64": (302, 261),
}
FILES = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "truncate": (76, 45),
    "open_by_handle_at": (304, 265),
}
KERNEL = {
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
}
"""By name: the number on x86-64, and on arm64 where there is one."""
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def numbers(machine: str) -> dict[str, int]:
    """What is refused on such a machine; nothing where its numbers are not known."""
    if machine not in _MACHINES:
        return {}
    place = _MACHINES[machine][0]
    known = SOCKETS | PROCESSES | FILES | KERNEL
    return {name: number for name, both in known.items() if (number := both[place]) is not None}


def program(machine: str) -> bytes:
    """The filter; empty where the machine's numbers are not known. Another calling convention kills."""
    refused = numbers(machine)
    if not refused:
        return b""
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _MACHINES[machine][1]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_FROM, 0, 1, _OTHER_WAY),
        (_RETURN, 0, 0, _KILL),
    ]
    for number in sorted(refused.values()):
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
