"""A series' name in words: what its sender hid in a label is seen."""

from __future__ import annotations

import pytest

from gadfly.predict.prediction import named


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("plain", '"plain"'),
        ('a "b"\\', '"a \\"b\\"\\\\"'),
        ("Größe", '"Größe"'),
        ("evil\u202eexe", '"evil\\u202eexe"'),
        ("a\x1b[2J\x7f", '"a\\u001b[2J\\u007f"'),
        ("a\u2028b\u200b", '"a\\u2028b\\u200b"'),
    ],
    ids=["plain", "quotes", "umlauts", "bidi", "escape", "separators"],
)
def test_what_steers_a_reader_stands_as_its_number(word: str, said: str) -> None:
    assert named({"__name__": "up", "host": word}) == f"up{{host={said}}}"
