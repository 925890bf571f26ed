"""Which calls of the kernel a cell may make: an allow list, assembled to the kernel's filter language.

Pure: a table of :class:`Rule` becomes the bytes of a classic BPF program (seccomp(2), Linux 3.5; the format
is linux/filter.h). What is not in the table is refused with EPERM, so that a library that only tries goes
on. Another calling convention of the same kernel ends the process.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

ALLOW = 0x7FFF0000
KILL = 0x80000000
ERRNO = 0x00050000

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_GREATER_EQUAL = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

X32 = 0x40000000
"""Numbers from here on are the x32 way into the same kernel."""


class Condition(NamedTuple):
    """The argument at `place`, reduced to the bits of `mask`, must be one of `values`. 64 bits wide."""

    place: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFFFFFFFFFF


class Rule(NamedTuple):
    """A call, and what must be so of its arguments, all of it. Where it is not, `otherwise` is answered."""

    number: int
    tests: tuple[Condition, ...] = ()
    otherwise: int = ERRNO | errno.EPERM


class _Code(NamedTuple):
    code: int
    true: int
    false: int
    value: int

    def pack(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.true, self.false, self.value)


def assemble(architecture: int, rules: Sequence[Rule], answers: Mapping[int, int], default: int) -> bytes:
    """The program.

    `architecture` is the kernel's AUDIT_ARCH of the one calling convention that is understood; another one
    kills. `answers` gives calls that are refused their own answer (ERRNO | number, or KILL). Everything else
    gets `default`. ValueError where a call stands twice, or the program is longer than the kernel takes.
    """
    numbers = [rule.number for rule in rules] + list(answers)
    if len(set(numbers)) != len(numbers):
        raise ValueError("a call stands twice in the list")
    program = [
        _Code(_LOAD, 0, 0, _ARCHITECTURE),
        _Code(_EQUAL, 1, 0, architecture),
        _Code(_RETURN, 0, 0, KILL),
        _Code(_LOAD, 0, 0, _NUMBER),
        _Code(_GREATER_EQUAL, 0, 1, X32),
        _Code(_RETURN, 0, 0, KILL),
    ]
    for number, answer in answers.items():
        program += [_Code(_EQUAL, 0, 1, number), _Code(_RETURN, 0, 0, answer)]
    for rule in rules:
        body = _body(rule)
        program += [_Code(_EQUAL, 0, len(body), rule.number), *body]
    program.append(_Code(_RETURN, 0, 0, default))
    if len(program) > 4096:
        raise ValueError("the program is longer than the kernel takes")
    return b"".join(one.pack() for one in program)


def _body(rule: Rule) -> list[_Code]:
    """What is done where the number is the rule's; never falls through."""
    code: list[_Code] = []
    for test in rule.tests:
        code += _test(test, rule.otherwise)
    return [*code, _Code(_RETURN, 0, 0, ALLOW)]


def _test(test: Condition, otherwise: int) -> list[_Code]:
    """Falls through where the argument is one of the values, else returns `otherwise`."""
    offset = _ARGUMENTS + 8 * test.place
    high_mask, low_mask = test.mask >> 32, test.mask & 0xFFFFFFFF
    code: list[_Code] = []
    for place, value in enumerate(test.values):
        rest = len(test.values) - place - 1
        # A match jumps over the other values and the refusal; a length of 6 each.
        over = 6 * rest + 1
        code += [
            _Code(_LOAD, 0, 0, offset + 4),
            _Code(_AND, 0, 0, high_mask),
            _Code(_EQUAL, 0, 3, (value & test.mask) >> 32),
            _Code(_LOAD, 0, 0, offset),
            _Code(_AND, 0, 0, low_mask),
            _Code(_EQUAL, over, 0, value & test.mask & 0xFFFFFFFF),
        ]
    return [*code, _Code(_RETURN, 0, 0, otherwise)]
