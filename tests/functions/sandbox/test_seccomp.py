"""The filter's program, run by an interpreter of its language written from the kernel's documentation."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.sandbox.seccomp import ALLOW, ERRNO, KILL, X32, Condition, Rule, assemble

ARCHITECTURE = 0xC000003E
DEFAULT = ERRNO | errno.EPERM


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
def test_the_table(
    number: int, arguments: tuple[int, ...], answer: int, run_filter: Callable[..., int]
) -> None:
    assert run_filter(PROGRAM, number, arguments) == answer


def test_another_architecture_is_no_way_in(run_filter: Callable[..., int]) -> None:
    assert run_filter(PROGRAM, 1, architecture=0x40000003) == KILL


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
    run_filter: Callable[..., int],
    rules: dict[int, tuple[Condition, ...]],
    number: int,
    arguments: tuple[int, ...],
) -> None:
    program = assemble(ARCHITECTURE, [Rule(one, tests) for one, tests in rules.items()], {}, DEFAULT)
    allowed = number in rules and all(
        arguments[test.place] & test.mask in {value & test.mask for value in test.values}
        for test in rules[number]
    )
    assert run_filter(program, number, arguments) == (ALLOW if allowed else DEFAULT)
