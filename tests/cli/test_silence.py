from __future__ import annotations

import time

import pytest
from click import BadParameter
from hypothesis import given
from hypothesis import strategies as st

from gadfly.cli.silence import matching, written


@pytest.mark.parametrize(
    ("matchers", "match"),
    [
        (("component=checkout",), {"component": "checkout"}),
        (("host=~db.*", "env!=test"), {"host": "~db.*", "env": "!test"}),
        (("env!~test|dev",), {"env": "!~test|dev"}),
        (("a=b=c",), {"a": "b=c"}),
        (("a=x!~y",), {"a": "x!~y"}),
    ],
)
def test_matchers_as_the_api_takes_them(matchers, match):
    assert matching(matchers) == match


@pytest.mark.parametrize(
    "matchers", [("checkout",), ("=x",), ("a=",), ("a!=",), ("a!~",), ("a=1", "a=2"), ("a!",)]
)
def test_what_is_no_matcher_is_refused(matchers):
    with pytest.raises(BadParameter):
        matching(matchers)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True),
        st.tuples(
            st.sampled_from(["", "~", "!", "!~"]), st.from_regex(r"[a-z0-9.*]{1,8}", fullmatch=True)
        ).map("".join),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_reads_back(match):
    assert matching(tuple(written(match).split(" "))) == match


def test_add_sends_matchers_reason_and_duration(node, gadfly):
    made = {
        "id": "s1",
        "match": {"component": "checkout"},
        "starts": 0,
        "ends": time.time() + 7200,
        "reason": "r",
    }
    node.gives("silences", {**made, "who": "me"}, method="POST", status=201)
    code, out, _ = gadfly("silence", "add", "component=checkout", "--for", "2h", "--because", "new disk")
    assert code == 0
    assert node.asked[-1][:3] == (
        "POST",
        "silences",
        {"match": {"component": "checkout"}, "reason": "new disk", "lasts": 7200.0},
    )
    assert out.startswith("s1: silent until ")


@pytest.mark.parametrize(("left_out", "named"), [("--because", "--because"), ("--for", "--for")])
def test_a_silence_has_an_end_and_a_reason(node, gadfly, left_out, named):
    options = {"--for": "2h", "--because": "x"}
    del options[left_out]
    code, _, err = gadfly(
        "silence", "add", "component=a", *[part for pair in options.items() for part in pair]
    )
    assert code == 3
    assert f"Missing option '{named}'" in err
    assert node.asked == []


def test_a_bad_duration_is_said(node, gadfly):
    code, _, err = gadfly("silence", "add", "a=b", "--for", "2 hours", "--because", "x")
    assert code == 3
    assert "is not a duration" in err


def test_list_and_end(node, gadfly):
    one = {
        "id": "s1",
        "match": {"host": "~db.*"},
        "starts": 0,
        "ends": time.time() + 60,
        "reason": "disk",
        "who": "ann",
    }
    node.gives("silences", {"silences": [one]})
    node.gives("silences/s1", None, method="DELETE", status=204)
    out = gadfly("silence", "list")[1]
    assert "host=~db.*" in out
    assert "disk" in out
    assert gadfly("silence", "end", "s1")[:2] == (0, "s1: ended\n")
