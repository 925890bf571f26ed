"""RE2's expressions over the whole text, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.promql.regex import compiled


@pytest.mark.parametrize(
    ("pattern", "matches", "does_not"),
    [
        ("a|b", ["a", "b"], ["ab", "c", ""]),
        ("a.*", ["a", "abc"], ["ba", "a\nb"]),
        ("(?s)a.*", ["a\nb"], []),
        ("(?i)foo|bar", ["FOO", "Bar"], ["baz"]),
        ("x(?i:foo)", ["xFOO"], ["XFOO"]),
        ("a(?i)b", ["aB"], ["AB"]),
        ("a(?i)b|c", ["aB", "C"], ["AB"]),
        ("(?U)a+", ["aa"], []),
        (r"\pL+", ["aé"], ["1"]),
        (r"[\D]", ["a"], ["1"]),
        ("([a-z]+-)*x", ["a-b-x"], ["a-b"]),
        ("^a$", ["a"], ["a\n"]),
        (r"\Aa\z", ["a"], ["a\n"]),
        (r"\d+", ["12"], ["١٢", ""]),
        (r"\w", ["_"], ["é"]),
        (r"\s", [" ", "\t"], ["\v", "\u00a0"]),
        (r"[\s\d]+", [" 1"], ["\v"]),
        (r"[[:alpha:]_]+", ["a_Z"], ["1"]),
        ("[^a-c]", ["d"], ["a"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[[]", ["["], ["]"]),
        ("[a&&b]+", ["a&b"], ["c"]),
        (r"\Qa.b\E+", ["a.b", "a.bb"], ["axb"]),
        (r"a\.b", ["a.b"], ["axb"]),
        ("a{2}", ["aa"], ["a"]),
        ("a{2,}", ["aa", "aaa"], ["a"]),
        ("a{,2}", ["a{,2}"], ["a", "aa"]),
        ("{", ["{"], []),
        ("a b#c", ["a b#c"], ["abc"]),
        (r"\x41\x{e9}", ["Aé"], []),
        ("(?P<n>a)|(?:b)", ["a", "b"], []),
        ("(?<n>a)", ["a"], []),
        ("a+?b??", ["aab"], []),
        ("", [""], ["a"]),
        ("(ab)+", ["abab"], ["aba"]),
    ],
)
def test_matches(pattern: str, matches: list[str], does_not: list[str]) -> None:
    expression = compiled(pattern)
    assert all(expression.fullmatch(text) for text in matches)
    assert not any(expression.fullmatch(text) for text in does_not)


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "[", "a**", "*", "a{1001}", "a{3,2}", r"\1", r"(a)\1", "(?=a)", "(?!a)", "(?<=a)", "(?>a)",
        "a*+",
        r"\Z", r"\y", "\\", "(?L)a", "[[:nope:]]", "[b-a]", "x" * 9000, "((a{100}){100}){100}", "\ud800",
    ],
)  # fmt: skip
def test_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b"])
def test_no_expression_takes_long(pattern: str) -> None:
    """Engines that backtrack would not end within years."""
    assert not compiled(pattern).fullmatch("a" * 5000)


@given(st.text(alphabet=st.sampled_from(list(r"ab(|)[]{}*+?\.^$-,1:=!<>PQEdwsx")), max_size=15))
def test_any_text_is_taken_or_refused(pattern: str) -> None:
    with contextlib.suppress(ValueError):
        compiled(pattern).fullmatch("ab")
