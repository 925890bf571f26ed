"""What a path and a body mean to a push, as to the Pushgateway."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError
from gadfly.telemetry.push import families, grouping


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("nightly", {"job": "nightly"}),
        ("nightly/", {"job": "nightly"}),
        ("nightly/instance/h1/a/b", {"job": "nightly", "instance": "h1", "a": "b"}),
        ("x/path@base64/L3Zhci90bXA", {"job": "x", "path": "/var/tmp"}),
        ("x/path@base64/L3Zhci90bXA=", {"job": "x", "path": "/var/tmp"}),
        ("x/empty@base64/=", {"job": "x", "empty": ""}),
        ("@base64/L3Zhci90bXA/a/b", {"job": "/var/tmp", "a": "b"}),
        ("x/n@base64/w6k_", {"job": "x", "n": "é?"}),
    ],
)
def test_a_path_names_a_group(path, labels):
    assert grouping(path) == labels


@pytest.mark.parametrize(
    "path", ["", "x/a", "x/a-b/c", "x/__a/b", "x/a@base64/%", "x/a@base64/_w", "@base64/"]
)
def test_a_path_that_names_none_is_refused(path):
    with pytest.raises(FormatError):
        grouping(path)


def test_samples_are_put_into_families():
    body = b'# TYPE h histogram\n# HELP h Words\nh_bucket{le="+Inf"} 1\nh_sum 2\nh_count 1\nh_other 3\n'
    body += b'\na{job="x"} 4\n'
    found = families(body, {"job": "j", "empty": ""})
    assert {name: (one.kind, one.help, len(one.samples)) for name, one in found.items()} == {
        "h": ("histogram", "Words", 3),
        "h_other": ("unknown", "", 1),
        "a": ("unknown", "", 1),
    }
    assert found["a"].samples == (({"__name__": "a", "job": "j"}, 4.0),)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"a 1 1700000000000\n", 1),
        (b"a 1\na 1\n", 2),
        (b'a{job="x"} 1\na{job="y"} 1\n', 2),
        (b"push_time_seconds 1\n", 1),
        (b"a 1\n\nb\n", 3),
    ],
)
def test_a_body_that_cannot_be_kept_is_refused_by_its_line(body, line):
    with pytest.raises(FormatError, match=f"^Line {line}: "):
        families(body, {"job": "j"})


@given(st.binary(max_size=100), st.text(max_size=40))
def test_any_bytes_are_taken_or_refused(body, path):
    for read in (lambda: families(body, {"job": "j"}), lambda: grouping(path)):
        with contextlib.suppress(FormatError):
            read()
