from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.cli.terminal import ago, clean, colourful, cut, pad, painter, table, width


@given(st.text())
def test_clean_text_is_one_line_that_steers_nothing(text):
    out = clean(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in out)
    assert not any(c in out for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(st.text(), st.integers(1, 40))
def test_cut_and_pad_fit(text, cells):
    text = clean(text)
    assert width(cut(text, cells)) <= cells
    assert width(pad(text, cells)) == cells


def test_wide_characters_take_two_cells_and_marks_none():
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert cut("日本語", 5) == "日本…"


@given(
    st.lists(
        st.tuples(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200)), min_size=1, max_size=5
    )
)
def test_a_table_stays_within_its_width(rows):
    assert all(width(line) <= 120 for line in table(rows, ("a", "b", "c"), total=120))


def test_columns_stand_under_each_other():
    assert table([("a", 1, "x"), ("long", 22, "y z")], ("", "n", "w")) == [
        "      n   w",
        "a     1   x",
        "long  22  y z",
    ]
    assert table([]) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (4.4, "4 s"),
        (89, "89 s"),
        (90, "2 min"),
        (5400, "1 h 30 min"),
        (7200, "2 h"),
        (200_000, "2 d"),
    ],
)
def test_a_time_past(seconds, words):
    assert ago(seconds) == words


def test_colour_is_for_terminals_that_want_it(monkeypatch):
    class Terminal:
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert colourful(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not colourful(Terminal())
    monkeypatch.delenv("TERM")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colourful(Terminal())
    assert painter(False)("x", "down") == "x"
    assert painter(True)("x", "down") == "\x1b[31;1mx\x1b[0m"
    assert painter(True)("x", "no such colour") == "x"
