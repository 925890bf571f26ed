"""Secrets are struck out in whatever form they come back."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.struck import Struck

SECRET = b'a+b/c=d&"e"<f>/0123456789'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe="").encode(),
        quote(SECRET).encode(),
        quote_plus(SECRET).encode(),
        json.dumps(SECRET.decode()).encode(),
        html.escape(SECRET.decode()).encode(),
        SECRET.hex().encode(),
        SECRET.hex().upper().encode(),
    ],
)
def test_a_form_is_struck_out(form: bytes) -> None:
    struck = Struck()
    struck.add(SECRET)
    cleaned = struck.data(b"before " + form + b" behind")
    assert cleaned.startswith(b"before ")
    assert cleaned.endswith(b" behind")
    assert form.strip(b'"') not in cleaned
    assert b"[secret]" in cleaned


@pytest.mark.parametrize(
    ("secret", "form"),
    [
        ("pa&ss<w>rd12", r"pa\u0026ss\u003cw\u003Erd12"),
        ("pa&ss<w>rd12", "pa&amp;ss&lt;w&gt;rd12"),
        ("pa&ss<w>rd12", "pa&amp;amp;ss&amp;lt;w&amp;gt;rd12"),
        ('it\'s "quoted"', "it&#39;s &#34;quoted&#34;"),
        ('it\'s "quoted"', "it&apos;s+&quot;quoted&#x22;"),
        ('it\'s "quoted"', r"it\u0027s \\\"quoted\\\""),
        ('it\'s "quoted"', repr('it\'s "quoted"')[1:-1]),
        ("C:\\dir\\\\secret", repr("C:\\dir\\\\secret")[1:-1]),
        ("C:\\dir\\\\secret", json.dumps(json.dumps("C:\\dir\\\\secret")[1:-1])[1:-1]),
        ("C:\\dir\\\\secret", "C%3a%5Cdir%5c%5Csecret"),
        ("a/b+c=d-e_f.g", "a%252Fb%252bc%3Dd%2de_f.g"),
    ],
    ids=[
        "Go",
        "HTML",
        "HTML twice",
        "template",
        "names",
        "JSON in JSON",
        "repr",
        "repr \\",
        "JSON in JSON \\\\",
        "%",
        "%25",
    ],
)
def test_each_sign_may_be_escaped_in_its_own_way(secret: str, form: str) -> None:
    struck = Struck()
    struck.add(secret.encode())
    cleaned = struck.text(f"before {form} behind")
    assert cleaned == "before [secret] behind"


@pytest.mark.parametrize(
    "secret", ["xoxb-1234-abcdEFGH-s3cr3t+key/with=pad", "onlyLettersAndDigits0123456789"]
)
@pytest.mark.parametrize("before", range(4))
def test_base64_in_lines(secret: str, before: int) -> None:
    struck = Struck()
    struck.add(secret.encode())
    text = base64.encodebytes(b"x" * (40 + before) + secret.encode() + b" and so on" * 9).decode()
    assert "[secret]" in struck.text(text)
    assert "[secret]" in struck.text(json.dumps(text.replace("\n", "\r\n")))


def test_utf_16() -> None:
    struck = Struck()
    struck.add(SECRET)
    assert struck.data(SECRET.decode().encode("utf-16-le")) == b"[secret]"


def test_what_never_ends_is_looked_through_in_time() -> None:
    struck = Struck()
    struck.add(b"\\a" * 20 + b"\\" * 40 + b"&&&& <>")
    for data in (b"\\" * 200_000, b"%25" * 70_000, b"&amp;" * 40_000, b"\\a" * 100_000):
        assert struck.data(data) == data


@given(st.binary(max_size=20), st.binary(max_size=20), st.binary(min_size=12, max_size=40), st.booleans())
def test_base64_wherever_it_begins(before: bytes, behind: bytes, secret: bytes, safe: bool) -> None:
    struck = Struck()
    struck.add(secret)
    coded = (base64.urlsafe_b64encode if safe else base64.b64encode)(before + secret + behind)
    assert b"[secret]" in struck.data(coded)


def test_plain_data_is_struck_through_and_through() -> None:
    struck = Struck()
    value = {"a": ["x", {"b": "long-secret-1 here"}], "long-secret-1": 1, "n": None}
    assert struck.value(value) == value
    struck.add(b"long-secret-1")
    assert struck.value(value) == {"a": ["x", {"b": "[secret] here"}], "[secret]": 1, "n": None}
    assert struck.text("\ud800 long-secret-1") == "\ud800 [secret]"
