"""Which lines are taken, and as what: as Prometheus 2.42 takes them (compared with it in tests/intake)."""

import math

import pytest

from gadfly.telemetry.exposition import UNTIMED, Heads
from gadfly.telemetry.exposition_line import Malformed

TEXT = [
    ("a 1", [({"__name__": "a"}, 1.0, None)]),
    ("a\t 1\t\n", [({"__name__": "a"}, 1.0, None)]),
    ("a 1 1700000000000", [({"__name__": "a"}, 1.0, 1700000000000)]),
    ("a{} 1\n\n  \n", [({"__name__": "a"}, 1.0, None)]),
    ('a{b="c" d="e",}1', [({"__name__": "a", "b": "c", "d": "e"}, 1.0, None)]),
    ('a { b = "c" } 1', [({"__name__": "a", "b": "c"}, 1.0, None)]),
    (r'a{b="x\ny\\z\"w\q"} 1', [({"__name__": "a", "b": 'x\ny\\z"w\\q'}, 1.0, None)]),
    ('a{b="}"} 1', [({"__name__": "a", "b": "}"}, 1.0, None)]),
    ('a{b="é c"} 1', [({"__name__": "a", "b": "é c"}, 1.0, None)]),
    ("a+1", [({"__name__": "a"}, 1.0, None)]),
    ("a -Infinity", [({"__name__": "a"}, -math.inf, None)]),
    ("a 1e-999", [({"__name__": "a"}, 0.0, None)]),
    ("# a remark\n#\n# HELP\n# HELPx y\na .5", [({"__name__": "a"}, 0.5, None)]),
    ("a 1\nb 2 3", [({"__name__": "a"}, 1.0, None), ({"__name__": "b"}, 2.0, 3)]),
    ("", []),
]
OPENMETRICS = [
    ("# EOF", []),
    ("a 1\n# EOF\n", [({"__name__": "a"}, 1.0, None)]),
    ("a 1 -1.5\n# EOF\n", [({"__name__": "a"}, 1.0, -1500)]),
    ('a_total 1 # {x="y"} 0.5 2\n# EOF', [({"__name__": "a_total"}, 1.0, None)]),
    ('a_bucket{le="1"} 1 2 # {} 0.5\n# EOF', [({"__name__": "a_bucket", "le": "1"}, 1.0, 2000)]),
]
NOT_TEXT = [
    ("a 1\n  b 1", 2),
    ("a", 1),
    ("a1", 1),
    ('{a="b"} 1', 1),
    ('a{b="c"}', 1),
    ("a{,} 1", 1),
    ('a{b="c",,d="e"} 1', 1),
    ('a{b="c",b="d"} 1', 1),
    ('a{__name__="x"} 1', 1),
    ("a{b='c'} 1", 1),
    ('a{b="c" 1', 1),
    ('a{9="c"} 1', 1),
    ("a 1 -5", 1),
    ("a 1 1.5", 1),
    ("a 1 2 3", 1),
    ("a 1 99999999999999999999", 1),
    ("a +NaN", 1),
    ("a 0x10", 1),
    ("a 1_000", 1),
    ("a 1e999", 1),
    ("a .", 1),
    ("a 1\r", 1),
    ("9a 1", 1),
    ("a-b 1", 1),
    ("# HELP 1 b", 1),
    ("a 1\n# TYPE a foo", 2),
    ("# TYPE a", 1),
]
NOT_OPENMETRICS = [
    ("a 1", 1),
    ("", 1),
    ("a 1\n# EOF\n\n", 3),
    ("a 1\n\n# EOF", 2),
    ("# EOF\na 1", 2),
    ("# EOF\n# EOF", 2),
    ("a  1\n# EOF", 1),
    ("a 1 \n# EOF", 1),
    ("a{}1\n# EOF", 1),
    ('a{b="c",} 1\n# EOF', 1),
    ('a{b="c", d="e"} 1\n# EOF', 1),
    ("a 1 NaN\n# EOF", 1),
    ("# foo\n# EOF", 1),
    ("# TYPE a untyped\n# EOF", 1),
    ("# UNIT a seconds\n# EOF", 1),
    ('a 1 # {x="y"} 1\n# EOF', 1),
    ('a_total 1 # {x="y"}\n# EOF', 1),
    ('a_total 1 # {x="y"} foo\n# EOF', 1),
    ('a_total 1 # {x="y"} 1 NaN\n# EOF', 1),
]


def read(format, body):
    heads = Heads(format)
    scan = heads.scan(body.encode())
    times = [None] * len(scan.heads) if scan.at is None else scan.at.tolist()
    return [
        (heads.labels(head), value, None if at in (None, UNTIMED) else at)
        for head, value, at in zip(scan.heads.tolist(), scan.value.tolist(), times, strict=True)
    ]


@pytest.mark.parametrize(
    ("format", "body", "samples"),
    [("text", *case) for case in TEXT] + [("openmetrics", *case) for case in OPENMETRICS],
)
def test_taken(format, body, samples):
    assert read(format, body) == samples


@pytest.mark.parametrize(
    ("format", "body", "line"),
    [("text", *case) for case in NOT_TEXT] + [("openmetrics", *case) for case in NOT_OPENMETRICS],
)
def test_refused_with_the_number_of_its_line(format, body, line):
    with pytest.raises(Malformed, match=rf"^line {line}: "):
        read(format, body)


@pytest.mark.parametrize("body", [b'a{b="\xff"} 1', b"# HELP a \xff\na 1"])
def test_what_is_not_utf_8_is_refused(body):
    with pytest.raises(Malformed, match="not UTF-8"):
        Heads("text").scan(body)
