"""When a probe's word is believed: the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.confirm import AGAIN, Belief, confirm
from gadfly.monitor.probe.result import Outcome

LETTERS = {"p": Outcome.passing, "w": Outcome.warn, "f": Outcome.fail, "u": Outcome.unknown}


@pytest.mark.parametrize(
    ("retries", "said", "told"),
    [
        # What is said, and below it what is told on: `.` nothing yet, and asked again soon.
        (1, "ppp", "ppp"),
        (1, "pfp", "p.p"),
        (1, "pff", "p.f"),
        (1, "pffff", "p.fff"),
        (1, "pfpfpf", "p.p.p."),
        (1, "fff", ".ff"),
        (0, "pf", "pf"),
        (3, "pffff", "p...f"),
        (1, "pffp", "p.fp"),
        (1, "pffpff", "p.fp.f"),
        (1, "w", "w"),
        (1, "pfw", "p.w"),
        (1, "pfwf", "p.w."),
        # unknown neither counts as a failure nor forgives one
        (1, "pfuf", "p..f"),
        (1, "pup", "p.p"),
        (1, "puup", "p.up"),
        (1, "uu", ".u"),
        (0, "u", "u"),
        (1, "pffuf", "p.f.f"),
        (1, "pffuuf", "p.f.uf"),
        (1, "uuf", ".u."),
        (1, "uuff", ".u.f"),
    ],
)
def test_table(retries: int, said: str, told: str) -> None:
    belief = Belief()
    for letter, wanted in zip(said, told, strict=True):
        belief, tell, again = confirm(belief, LETTERS[letter], retries, 15.0)
        assert tell is (wanted != "."), (said, belief)
        assert again == (AGAIN if wanted == "." else None)
        if tell:
            assert belief.believed is LETTERS[letter]


def test_soon_is_sooner_for_short_intervals() -> None:
    assert confirm(Belief(), Outcome.fail, 1, 0.4).again == pytest.approx(0.1)


@given(st.lists(st.sampled_from(list(LETTERS)), max_size=30), st.integers(0, 5))
def test_fail_is_told_only_after_enough_in_a_row(said: list[str], retries: int) -> None:
    belief, row = Belief(), 0
    for letter in said:
        belief, tell, _ = confirm(belief, LETTERS[letter], retries, 15.0)
        row = row + 1 if letter == "f" else row if letter == "u" else 0
        assert (letter == "f" and tell) == (letter == "f" and row > retries)
