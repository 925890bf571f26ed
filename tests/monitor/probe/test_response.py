"""Responses, whole, in pieces, broken and beyond the limits."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.response import FIELDS, HEAD, Response, ResponseError

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
UNTIL_END = b"HTTP/1.0 200 OK\r\n\r\nhello"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + LENGTH
GOOD = {"length": LENGTH, "chunked": CHUNKED, "until end": UNTIL_END, "interim": INTERIM}


def read(data: bytes, limit: int = 100, headless: bool = False) -> Response:
    response = Response(limit, headless)
    response.feed(data)
    response.end()
    return response


@pytest.mark.parametrize("name", GOOD)
@given(cuts=st.lists(st.integers(0, 120), max_size=6))
def test_the_same_however_it_is_cut(name: str, cuts: list[int]) -> None:
    data = GOOD[name]
    response = Response(100)
    for start, end in pairwise(sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})):
        response.feed(data[start:end])
    response.end()
    assert response.done
    assert response.status == 200
    assert response.body == b"hello"
    assert "link" not in response.headers


def test_headers_are_lower_case_and_the_first_counts() -> None:
    assert read(LENGTH).headers == {"content-length": "5", "x-a": "1"}


def test_an_answer_to_head_has_no_body() -> None:
    response = Response(100, headless=True)
    response.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    assert response.done


@pytest.mark.parametrize(
    ("data", "reusable"),
    [
        (LENGTH, True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (UNTIL_END, False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", False),
    ],
)
def test_reusable(data: bytes, reusable: bool) -> None:
    assert read(data).reusable is reusable


def test_a_body_is_cut_at_the_limit() -> None:
    response = Response(3)
    response.feed(LENGTH)
    assert response.done
    assert response.cut
    assert response.body == b"hel"
    assert not response.reusable
    response.feed(b"more and more")
    assert response.body == b"hel"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-", "before the headers ended"),
        (LENGTH[:-2], "after 3 of 5 bytes"),
        (CHUNKED[:-12], "in the middle of a chunked body, after 3 bytes"),
        (b"HTTP/1.1 103 Early\r\n\r\n", "before the headers ended"),
    ],
)
def test_ended_early(data: bytes, words: str) -> None:
    response = Response(100)
    if data:
        response.feed(data)
    with pytest.raises(ResponseError, match=words):
        response.end()


@pytest.mark.parametrize("data", [b"SSH-2.0-x\r\n", b"\x15\x03\x01\x00\x02\x02", b"HTTP/1.1 2000 OK\r\n\r\n"])
def test_not_http(data: bytes) -> None:
    with pytest.raises(ResponseError, match="did not answer in HTTP"):
        Response(100).feed(data)


def test_too_many_headers() -> None:
    response = Response(100)
    with pytest.raises(ResponseError, match="more than 256 headers"):
        response.feed(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (FIELDS + 2))
    assert len(response.headers) <= FIELDS


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"A" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"A" * 1000 + b"\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["one header", "many headers", "interim answers"],
)
def test_endless_headers(start: bytes, piece: bytes) -> None:
    response = Response(100)
    response.feed(start)
    with pytest.raises(ResponseError, match="bytes of headers"):
        _feed_until(response, piece, HEAD)


def _feed_until(response: Response, piece: bytes, size: int) -> None:
    for _ in range(size // len(piece) + 1):
        response.feed(piece)


@given(st.binary(max_size=400))
def test_garbage_is_only_ever_a_response_error(data: bytes) -> None:
    for head in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        response = Response(50)
        try:
            response.feed(head + data)
            response.end()
        except ResponseError:
            continue
        assert response.done
        assert len(response.body) <= 50


def test_an_upgrade_ends_the_answer() -> None:
    response = read(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nwhatever")
    assert response.status == 101


def test_a_second_answer_behind_the_first_is_not_looked_at() -> None:
    response = Response(100)
    response.feed(LENGTH + b"HTTP/1.1 500 No\r\nX-B: 1\r\n\r\n")
    assert (response.status, bytes(response.body)) == (200, b"hello")
    assert "x-b" not in response.headers
    response.end()


def test_headers_behind_a_head_are_not_looked_at() -> None:
    response = Response(100, headless=True)
    response.feed(b"HTTP/1.1 200 OK\r\n\r\n" + LENGTH)
    assert response.status == 200
    assert response.headers == {}
