"""What is PromQL and what is not, and where it ceases to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import QueryError
from gadfly.promql.parse import DEEPEST, parse, parse_selector
from gadfly.promql.source import Matcher
from gadfly.promql.tree import Aggregate, Binary, Number, Selector, String, Subquery, Unary, Window


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("1.5", 1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E-3", 0.001), ("0x1F", 31),
        ("0X1f", 31), ("0755", 493), ("08", 8), ("inf", float("inf")), ("-Inf", float("-inf")), ("+1", 1),
        ("-0x10", -16),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    node = parse(text)
    assert isinstance(node, Number)
    assert node.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\n\t\\\""', 'a\n\t\\"'),
        (r"'it\'s'", "it's"),
        (r"`raw \n`", r"raw \n"),
        (r'"\x41\u00e9\U0001F600\101"', "Aé😀A"),
        (r'"\xc3\xa9"', "é"),
        ('"grün"', "grün"),
    ],
)
def test_strings(text: str, value: str) -> None:
    node = parse(text)
    assert isinstance(node, String)
    assert node.value == value


@pytest.mark.parametrize(
    ("text", "ms"),
    [("5m", 300_000), ("1h30m", 5_400_000), ("1y2w3d", 33_004_800_000), ("1s500ms", 1500), ("90ms", 90)],
)
def test_durations(text: str, ms: int) -> None:
    node = parse(f"m[{text}]")
    assert isinstance(node, Window)
    assert node.span == ms


def test_selector() -> None:
    assert parse_selector('m{a="1", b!="2", c=~"3", d!~"4",}') == (
        Matcher("a", "=", "1"),
        Matcher("b", "!=", "2"),
        Matcher("c", "=~", "3"),
        Matcher("d", "!~", "4"),
        Matcher("__name__", "=", "m"),
    )
    assert parse_selector('{__name__="a:b"}') == (Matcher("__name__", "=", "a:b"),)
    for text in ("m offset 1m", "m[1m]", "1", "sum(m)", "m @ 5"):
        with pytest.raises(QueryError, match="metric selector"):
            parse_selector(text)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a * b + c", "((a * b) + c)"),
        ("a ^ b ^ c", "(a ^ (b ^ c))"),
        ("a - b - c", "((a - b) - c)"),
        ("-a ^ b", "-(a ^ b)"),
        ("-a * b", "(-a * b)"),
        ("a ^ -b * c", "((a ^ -b) * c)"),
        ("a == b + c", "(a == (b + c))"),
        ("a and b or c unless d", "((a and b) or (c unless d))"),
        ("a > b == c", "((a > b) == c)"),
        ("a AND b", "(a and b)"),
        ("a atan2 b / c", "((a atan2 b) / c)"),
        ("sum by (x, on) (a) + SUM(a) by ()", "(sum(a) + sum(a))"),
        ("a # what follows is for people\n+ b", "(a + b)"),
        ("sum + count", "(sum + count)"),
        ("offset offset 5m", "offset"),
        ("start @ start()", "start"),
    ],
)
def test_what_binds_to_what(text: str, shape: str) -> None:
    def shown(node: object) -> str:
        match node:
            case Binary():
                return f"({shown(node.left)} {node.op} {shown(node.right)})"
            case Unary():
                return f"{node.op}{shown(node.inner)}"
            case Aggregate():
                return f"{node.op}({shown(node.inner)})"
            case Selector():
                return next(one.value for one in node.matchers if one.name == "__name__")
        raise AssertionError(node)

    assert shown(parse(text)) == shape


def test_modifiers_in_any_order() -> None:
    node = parse("m[5m] offset -1m @ 1.5")
    assert isinstance(node, Window)
    assert (node.selector.offset, node.selector.at) == (-60_000, 1500)
    subquery = parse("sum(m)[5m:30s] @ end() offset 1m")
    assert isinstance(subquery, Subquery)
    assert (subquery.span, subquery.step, subquery.offset, subquery.at) == (300_000, 30_000, 60_000, "end")
    assert parse("m[5m:]") == Subquery(0, parse("m"), 300_000, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: parse error: no expression found"),
        ("foo +", "1:6: parse error: unexpected end of input"),
        ("foo\n  +\n)", "3:1: parse error: unexpected"),
        ('foo{a="b"', '1:10: .*expected "}"'),
        ("foo{a=b}", "1:7: .*expected string"),
        ('foo{1="b"}', "1:5: .*expected label"),
        ('foo{__name__="bar"}', "metric name must not be set twice"),
        ("{}", "at least one non-empty matcher"),
        ('{a=~".*"}', "at least one non-empty matcher"),
        ('{a!="b"}', "at least one non-empty matcher"),
        ('m{a=~"("}', "1:6: .*regular expression"),
        ("rate(foo)", r"1:6: .*expected type range vector in call to function 'rate', got instant vector"),
        ("rate(foo[5m], 1)", "expected exactly 1 argument"),
        ("label_join(m)", "expected at least 3 argument"),
        ("round(m, 1, 2)", "expected at most 2 argument"),
        ("nope(m)", "1:1: .*unknown function with name 'nope'"),
        ("sum(m[5m])", "expected type instant vector in aggregation expression, got range vector"),
        ("topk(m)", "wrong number of arguments"),
        ("topk(m, m)", "expected type scalar"),
        ("count_values(1, m)", "expected type string"),
        ("1 == 2", "must use BOOL"),
        ("m + bool m", "bool modifier can only be used on comparison"),
        ("1 and m", "set operator 'and' not allowed"),
        ("m and on (a) group_left m", "no grouping allowed"),
        ("m * on (a) group_left (a) m", "ON and GROUP clause at once"),
        ("1 + on (a) m", "only allowed between instant vectors"),
        ('"a" + 1', "only scalar and instant vector types"),
        ("-m[5m]", "unary expression only allowed"),
        ("m[5m][5m:]", "subquery is only allowed on instant vector"),
        ("1[5m:]", "subquery is only allowed on instant vector, got scalar"),
        ("m offset 5", "expected duration"),
        ("m offset +5m", "expected duration"),
        ("m offset 0s", "greater than 0"),
        ("sum by (inf) (m)", "expected label"),
        ('m{inf+"x"}', "operator"),
        ("(m)[5m]", "ranges only allowed for vector selectors"),
        ("m offset 1m [5m]", "no offset modifiers allowed before range"),
        ("m @ 1 [5m]", "no @ modifiers allowed before range"),
        ("m[0s]", "greater than 0"),
        ("m[5]", "expected duration"),
        ("m[1m5h]", "not a valid duration"),
        ("m[1000y]", "out of range"),
        ("m offset 1m offset 2m", "offset may not be set multiple times"),
        ("m @ 1 @ 2", "@ may not be set multiple times"),
        ("(m) offset 1m", "offset modifier must be preceded by"),
        ("m @ inf", "timestamp out of bounds"),
        ("m @ m", "expected timestamp"),
        ("5m", "unexpected <duration:5m>"),
        ("1e", "bad number or duration syntax"),
        ("'a", "unterminated quoted string"),
        (r'"\q"', "unknown escape sequence"),
        (r'"\xff"', "not UTF-8"),
        (r'"\ud800"', "invalid escape"),
        (r'"\400"', "invalid escape"),
        ("m & n", "unexpected character: '&'"),
        ("rate(m[5m],)", "trailing commas"),
        ("a:b(m)", "unexpected"),
        ("a" * 70_000, "longer than"),
    ],
)
def test_refused_with_the_place(text: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem) as refused:
        parse(text)
    assert refused.value.kind == "bad_data"
    assert refused.value.position is not None


@pytest.mark.parametrize(
    "text", ["(" * 30_000, "-" * 30_000 + "1", "1" + "+1" * 20_000, "sum(" * 10_000, "m" + "[1m:]" * 10_000]
)
def test_what_is_too_deep_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


def test_as_deep_as_it_says() -> None:
    assert parse("(" * (DEEPEST - 1) + "1" + ")" * (DEEPEST - 1))
    assert parse("1" + "+1" * (DEEPEST - 1))


@given(
    st.text(alphabet=st.sampled_from(list("ab1(){}[],:=~!\"'`\\+-*/%^<>@#. \nmsh")), max_size=40) | st.text()
)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    position: int | None = 0
    try:
        parse(text)
    except QueryError as error:
        position = error.position
    assert position is not None
    assert 0 <= position <= len(text)


@pytest.mark.parametrize("text", ["1e309", "1e5320", "0x8000000000000000", "m @ 1e309", "vector(123e400)"])
def test_a_number_that_is_none_any_more(text: str) -> None:
    with pytest.raises(QueryError, match="out of range"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-400", 0.0),
        ("0x7fffffffffffffff", 2.0**63),
        ("07777777777777777777777777", 7777777777777777777777777.0),
    ],
)
def test_numbers_at_the_edge(text: str, value: float) -> None:
    found = parse(text)
    assert isinstance(found, Number)
    assert found.value == value
