from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.cli.node import Node, events
from gadfly.errors import NodeUnreachable


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"event: change\nid: 7\ndata: {}\n\n", [("change", "{}")]),
        (b"data: a\ndata: b\n\n", [("message", "a\nb")]),
        (b":\n\nretry: 1000\nevent: hello\ndata:x\n\n", [("hello", "x")]),
        (b"event: a\n\ndata: 1\n\n", [("message", "1")]),
        (b"data: never ended\n", []),
        (b"event: x\r\ndata: y\r\n\r\n", [("x", "y")]),
        (b"", []),
    ],
)
def test_events_are_read_from_their_lines(text, found):
    assert list(events(text.splitlines(keepends=True))) == found


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    for event, text in events(data.splitlines(keepends=True)):
        assert isinstance(event, str)
        assert isinstance(text, str)


def test_a_stream_over_http(node):
    stream = Node(node.url).stream("stream", since=3)
    assert next(stream) == ("hello", "{}")
    assert node.asked[0][1] == "stream?since=3"
    stream.close()


def test_a_stream_that_falls_silent_is_lost(node):
    stream = Node(node.url).stream("stream", timeout=0.2)
    next(stream)
    with pytest.raises(NodeUnreachable, match="does not answer in time"):
        next(stream)
