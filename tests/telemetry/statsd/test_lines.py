"""Lines of statsd, in every form that its clients write; whatever comes is read or refused with a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError
from gadfly.telemetry.statsd import KINDS, LONGEST, Line, labels_of, parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"a.b:1|c", Line(b"a.b", b"", b"c", [1.0], [], False, 1.0)),
        (b"a:2.5e3|c|@0.1", Line(b"a", b"", b"c", [2500.0], [], False, 0.1)),
        (b"a:-2:0|h", Line(b"a", b"", b"h", [-2.0, 0.0], [], False, 1.0)),
        (b"a:-0|c", Line(b"a", b"", b"c", [0.0], [], False, 1.0)),
        (b"a:+3|g", Line(b"a", b"", b"g", [3.0], [], True, 1.0)),
        (b"a:-3|g", Line(b"a", b"", b"g", [-3.0], [], True, 1.0)),
        (b"a:3|g", Line(b"a", b"", b"g", [3.0], [], False, 1.0)),
        (b"a:+3|c", Line(b"a", b"", b"c", [3.0], [], False, 1.0)),
        (b"a:320|ms|#x:y,z|@0.5", Line(b"a", b"x:y,z", b"ms", [320.0], [], False, 0.5)),
        (b"a:1:2:3|h|#e:p", Line(b"a", b"e:p", b"h", [1.0, 2.0, 3.0], [], False, 1.0)),
        (b"a:1|d|#e:p|c:ci-1|T1656581400", Line(b"a", b"e:p", b"d", [1.0], [], False, 1.0)),
        (b"a:joe:x|s", Line(b"a", b"", b"s", [], [b"joe:x"], False, 1.0)),
        (b"a;k=v:1|c", Line(b"a;k=v", b"", b"c", [1.0], [], False, 1.0)),
    ],
)
def test_a_line(text: bytes, found: Line) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"a", "form"),
        (b"a|c", "form"),
        (b":1|c", "form"),
        (b"a:|c", "form"),
        (b"a:1", "form"),
        (b"a:1|x", "type"),
        (b"a:1|", "type"),
        (b"a:one|c", "value"),
        (b"a:nan|g", "value"),
        (b"a:inf|g", "value"),
        (b"a:+1e308|g", "value"),
        (b"a:-1e201|h", "value"),
        (b"a:-4|c", "value"),
        (b"a:3:-1|c", "value"),
        (b"a:-5|ms", "value"),
        (b"a:1_0|g", "value"),
        (b"a:1:|h", "value"),
        (b"a:" + b"1:" * 2000 + b"1|h", "value"),
        (b"a:1|c|@0", "rate"),
        (b"a:1|c|@2", "rate"),
        (b"a:1|c|@", "rate"),
        (b"_e{1,1}:a|b", "event"),
        (b"_sc|name|0", "event"),
        (b"a" * (LONGEST + 1), "length"),
    ],
)
def test_a_line_that_is_none(text: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=f"^{reason}$"):
        parse(text)


@pytest.mark.parametrize(
    ("name", "tags", "metric", "labels"),
    [
        (b"app.requests-ok", b"", "app_requests_ok", {}),
        (b"9lives", b"", "_9lives", {}),
        (b"a", b"env:prod,flag,u:http://x:1", "a", {"env": "prod", "flag": "true", "u": "http://x:1"}),
        (b"a,env=prod,b=c", b"", "a", {"env": "prod", "b": "c"}),
        (b"a;env=prod;b=c", b"x:y", "a", {"env": "prod", "b": "c", "x": "y"}),
        (b"a#env=prod,b=c", b"", "a", {"env": "prod", "b": "c"}),
        (b"a", b"le:1,quantile:2,__name__:3,1x:4", "a",
         {"tag_le": "1", "tag_quantile": "2", "tag_name__": "3", "tag_1x": "4"}),
        (b"a", b"k:1,k:2,,", "a", {"k": "2"}),
        ("größe".encode(), b"", "gr__e", {}),
    ],
)  # fmt: skip
def test_names_and_labels(name: bytes, tags: bytes, metric: str, labels: dict[str, str]) -> None:
    found = labels_of(name, tags)
    assert (found[0], dict(found[1])) == (metric, labels)


@pytest.mark.parametrize(
    ("name", "tags", "reason"),
    [
        (b"...", b"", "name"),
        (b"a" * 201, b"", "name"),
        (b"\xff", b"", "name"),
        (b"a", b"\xff", "name"),
        (b"a", b":v", "tags"),
        (b"a", b",".join(b"k%d:v" % one for one in range(50)), "tags"),
    ],
)
def test_names_and_labels_that_are_none(name: bytes, tags: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=f"^{reason}$"):
        labels_of(name, tags)


@given(
    st.binary(max_size=200) | st.from_regex(rb"\A[a-z;,=#.]{1,9}:[-+0-9.:]{1,9}\|(c|g|ms|h|d|s)(\|[@#].*)?\Z")
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        line = parse(data)
        metric, labels = labels_of(line.name, line.tags)
    except FormatError:
        return
    assert line.kind in KINDS
    assert metric.isascii()
    assert not metric[0].isdigit()
    assert all(key.isascii() and key and not key[0].isdigit() for key, _ in labels)
