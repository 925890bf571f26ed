"""URLs and the requests made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.request import Target, parse, redirected, request


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://a", Target(False, "a", 80, "a", "/")),
        ("https://a/x?y=1", Target(True, "a", 443, "a", "/x?y=1")),
        ("http://a:8080/", Target(False, "a", 8080, "a:8080", "/")),
        ("https://[::1]:8443/z", Target(True, "::1", 8443, "[::1]:8443", "/z")),
        ("http://u:p@a/", Target(False, "a", 80, "a", "/", "dTpw")),
        (
            "http://bücher.example/ü",
            Target(False, "xn--bcher-kva.example", 80, "xn--bcher-kva.example", "/%C3%BC"),
        ),
        ("http://a/x#part", Target(False, "a", 80, "a", "/x")),
    ],
)
def test_parse(url: str, wanted: Target) -> None:
    assert parse(url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a",
        "ftp://a/",
        "http://",
        "http://a:0x/",
        "http://a:99999/",
        "http://a/ b",
        "http://a/\r\nX: y",
        f"http://{'ü' * 80}/",
    ],
)
def test_not_a_url(url: str) -> None:
    with pytest.raises(ValueError):
        parse(url)


@given(st.text())
def test_a_request_has_one_head(url: str) -> None:
    """Whatever the URL, nothing in it ends the head early or adds a header."""
    try:
        sent = request(parse("http://a/" + url), "GET", {})
    except ValueError:
        return
    assert sent.count(b"\r\n") == 7
    assert sent.isascii()
    assert sent.endswith(b"\r\nConnection: close\r\n\r\n")


def test_headers() -> None:
    sent = request(parse("http://u:p@a/"), "POST", {"User-Agent": "me", "Host": "b", "X-A": "1"}, b"hi", True)
    assert sent == (
        b"POST / HTTP/1.1\r\nHost: b\r\nAccept: application/health+json, */*;q=0.9\r\n"
        b"Accept-Encoding: identity\r\nAuthorization: Basic dTpw\r\nUser-Agent: me\r\nX-A: 1\r\n"
        b"Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi"
    )


def test_own_credentials_win() -> None:
    sent = request(
        parse("http://u:p@a/"),
        "GET",
        {"authorization": "Bearer x", "accept": "*/*", "accept-encoding": "gzip"},
    )
    assert b"Basic" not in sent
    assert sent.count(b"ccept") == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nY: b"},
        {"X\n": "a"},
        {"": "a"},
        {"X Y": "a"},
        {"X:": "a"},
        {"Content-Length": "9"},
        {"connection": "x"},
    ],
)
def test_headers_that_cannot_be_sent(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        request(parse("http://a/"), "GET", headers)


@pytest.mark.parametrize(
    ("location", "where", "path"),
    [
        ("/b", "a:80", "/b"),
        ("c", "a:80", "/x/c"),
        ("//b/c", "b:80", "/c"),
        ("https://b/", "b:443", "/"),
        ("http://[::1]:81/", "[::1]:81", "/"),
    ],
)
def test_redirected(location: str, where: str, path: str) -> None:
    target = redirected(parse("http://a/x/y"), location)
    assert (target.where, target.path) == (where, path)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://a/", "javascript:1", "ftp://a/", "http://"]
)
def test_not_redirected(location: str) -> None:
    with pytest.raises(ValueError):
        redirected(parse("https://a/"), location)


def test_a_reason_shows_no_query() -> None:
    assert parse("http://a/x?token=1").place == "/x"
