"""What a grant covers, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import ConfigError
from gadfly.functions.grant import VERBS, allows, parse


@pytest.mark.parametrize(
    ("grant", "asked", "covered"),
    [
        ("http:POST https://h.example/x", "http:POST https://h.example/x", True),
        ("http:POST https://h.example/x", "http:POST https://h.example/xy", False),
        ("http:POST https://h.example/x", "http:POST https://h.example/x/y", False),
        ("http:POST https://h.example/x", "http:GET https://h.example/x", False),
        ("http:POST https://h.example/x/*", "http:POST https://h.example/x/y/z", True),
        ("http:POST https://h.example/x/*", "http:POST https://h.example/x/", True),
        ("http:POST https://h.example/x/*", "http:POST https://h.example/xy", False),
        ("http:GET https://h.example/*", "http:GET https://h.example:8443/a", False),
        ("http:GET https://h.example/*", "http:GET https://h.example:443/a", True),
        ("http:GET https://H.example/*", "http:GET https://h.EXAMPLE/a", True),
        ("http:GET https://h.example/*", "http:GET https://h.example.evil.example/a", False),
        ("http:GET https://h.example/*", "http:GET https://h.example/gr%C3%BC%C3%9Fe/%5F.b", True),
        ("http:GET http://127.0.0.1:8080/*", "http:GET http://127.0.0.1:8080/a", True),
        ("secret:use slack", "secret:use slack", True),
        ("secret:use slack", "secret:use slack2", False),
        ("metric:read up", "metric:read up", True),
        ("component:read group=web", "component:read group=web", True),
        ("component:read group=web", "component:read group=db", False),
        ("scratch:64MiB", "scratch:1MiB", True),
        ("scratch:64MiB", "scratch:65MiB", False),
        ("act:request restart-worker", "function:invoke restart-worker", False),
    ],
)
def test_what_it_covers(grant: str, asked: str, covered: bool) -> None:
    assert allows(parse(grant), parse(asked)) is covered


@pytest.mark.parametrize(
    "line",
    [
        "",
        "http:TRACE https://h.example/",
        "http:GET http://h.example/",
        "http:GET https://*.example/",
        "http:GET https://h.example/a*",
        "http:GET https://h.example/*/b",
        "http:GET https://h.example/../b",
        "http:GET https://h.example/a/%2e%2e/b",
        "http:GET https://h.example/a%2fb",
        "http:GET https://h.example/a/%c0%ae%c0%ae/b",
        "http:GET https://h.example/a/%ef%bc%8e%ef%bc%8e/b",
        "http:GET https://h.example/a%ef%bc%8fb",
        "http:GET https://h.example//b",
        "http:GET https://u:p@h.example/",
        "http:GET https://u@h.example/",
        "http:GET https://h.example/?a=b",
        "http:GET https://h.example/#a",
        "http:GET https://h.example:99999/",
        "http:GET https://h.example\\@evil.example/",
        "http:GET file:///etc/passwd",
        "secret:use",
        "secret:use *",
        "secret:use a b",
        "metric:read {__name__=~'.*'}",
        "component:read *",
        "component:read group=*",
        "scratch:64",
        "scratch:64MiB anything here",
        "scratch:2GiB",
        "scratch:0MiB",
        "shell:run true",
        "secret:use a\nsecret:use b",
    ],
)
def test_what_is_none(line: str) -> None:
    with pytest.raises(ConfigError):
        parse(line)


def test_the_vocabulary_is_closed() -> None:
    assert len({verb.partition(":")[0] if verb.startswith("http") else verb for verb in VERBS}) <= 12


@given(st.text(max_size=80), st.sampled_from(sorted(VERBS)))
def test_anything_is_a_grant_that_covers_itself_or_none(text: str, verb: str) -> None:
    with contextlib.suppress(ConfigError):
        found = parse(f"{verb} {text}")
        assert "*" in found.text or allows(found, parse(str(found)))
