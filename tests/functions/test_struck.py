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
