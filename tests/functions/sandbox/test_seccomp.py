"""The filter's program, run by an interpreter of the kernel's filter language written from its documentation."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.sandbox.seccomp import ALLOW, ERRNO, KILL, X32, Rule, Condition, assemble

ARCHITECTURE = 0xC000003E
DEFAULT = ERRNO | errno.EPERM


def run(
    program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = ARCHITECTURE
) -> int:
    """What the kernel would answer: linux/filter.h, struct seccomp_data."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code = list(struct.iter_unpack("=HBBI", program))
    place = held = 0
    while True:
        operation, true, false, value = code[place]
        place += 1
        if operation == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif operation == 0x54:
            held &= value
        elif operation == 0x15:
            place += true if held == value else false
        elif operation == 0x35:
            place += true if held >= value else false
        elif operation == 0x06:
            return int(value)
        else:
            raise AssertionError(hex(operation))


RULES = [
    Rule(1),
    Rule(2, (Condition(0, (7, 8, 1 << 40)),)),
    Rule(3, (Condition(1, (0b100,), 0b110), Condition(5, (0,))), ERRNO | errno.ENOTTY),
]
PROGRAM = assemble(ARCHITECTURE, RULES, {9: ERRNO | errno.ENOSYS, 10: KILL}, DEFAULT)


@pytest.mark.parametrize(
    ("number", "arguments", "answer"),
    [
        (1, (), ALLOW),
        (1, (5, 6, 7, 8, 9, 10), ALLOW),
        (2, (7,), ALLOW),
        (2, (8,), ALLOW),
        (2, (1 << 40,), ALLOW),
        (2, (9,), DEFAULT),
        (2, (7 | 1 << 32,), DEFAULT),
        (2, ((1 << 40) | 7,), DEFAULT),
        (3, (0, 0b100, 0, 0, 0, 0), ALLOW),
        (3, (0, 0b1101, 0, 0, 0, 0), ALLOW),
        (3, (0, 0b110, 0, 0, 0, 0), ERRNO | errno.ENOTTY),
        (3, (0, 0b100, 0, 0, 0, 1), ERRNO | errno.ENOTTY),
        (4, (), DEFAULT),
        (9, (), ERRNO | errno.ENOSYS),
        (10, (), KILL),
        (1 | X32, (), KILL),
    ],
)
def test_the_table(number: int, arguments: tuple[int, ...], answer: int) -> None:
    assert run(PROGRAM, number, arguments) == answer


def test_another_architecture_is_no_way_in() -> None:
    assert run(PROGRAM, 1, architecture=0x40000003) == KILL


def test_a_call_that_stands_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        assemble(ARCHITECTURE, [Rule(1), Rule(1)], {}, DEFAULT)
    with pytest.raises(ValueError, match="twice"):
        assemble(ARCHITECTURE, [Rule(1)], {1: KILL}, DEFAULT)


@given(
    st.dictionaries(
        st.integers(0, 460),
        st.lists(
            st.builds(
                Condition,
                st.integers(0, 5),
                st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4).map(tuple),
                st.sampled_from([2**64 - 1, 0xF, 0xFFFFFFFF, 0xFF00000000]),
            ),
            max_size=3,
        ).map(tuple),
        max_size=40,
    ),
    st.integers(0, 460),
    st.tuples(*[st.integers(0, 2**64 - 1)] * 6),
)
def test_it_answers_as_the_rules_say(
    rules: dict[int, tuple[Condition, ...]], number: int, arguments: tuple[int, ...]
) -> None:
    program = assemble(ARCHITECTURE, [Rule(one, tests) for one, tests in rules.items()], {}, DEFAULT)
    allowed = number in rules and all(
        arguments[test.place] & test.mask in {value & test.mask for value in test.values}
        for test in rules[number]
    )
    assert run(program, number, arguments) == (ALLOW if allowed else DEFAULT)
