"""However a server reads a path that a pattern covers, it stays below the pattern.

The oracle normalises as servers do: percent escapes taken off once or more, backslashes as slashes,
parameters
behind a semicolon dropped, dots resolved, empty parts joined.
"""

from __future__ import annotations

import itertools
import posixpath
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.errors import ConfigError
from gadfly.functions.grant import allows, parse

GRANT = parse("http:GET https://h.example/a/b/*")
PIECES = (
    "a", "b", "/", "//", ".", "..", "%2e", "%2E", "%2f", "%5c", "\\", ";", ";x", "%3b", "%252e", "%25", "%00",
    "%09", "?", "#", "*", "@", ":", "é", "%c3%a9", "/../", "/..;/", "/%2e./", "...", "~",
)  # fmt: skip


def readings(path: str) -> set[str]:
    """What servers may make of it."""
    found = set()
    for times, slashes, parameters in itertools.product(range(4), (False, True), (False, True)):
        text = path
        for _ in range(times):
            text = unquote(text, "latin-1")
        if slashes:
            text = text.replace("\\", "/")
        if parameters:
            text = "/".join(part.partition(";")[0] for part in text.split("/"))
        found.add(posixpath.normpath(text.partition("\0")[0]))
    return found


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_a_covered_path_stays_below(tail: str) -> None:
    path = f"/a/b/{tail}"
    try:
        asked = parse(f"http:GET https://h.example{path}")
    except ConfigError:
        return
    if allows(GRANT, asked):
        for reading in readings(asked.parts[3]):
            assert reading == "/a/b" or reading.startswith("/a/b/")


def test_the_oracle_sees_what_climbs() -> None:
    for path in ("/a/b/../c", "/a/b/%2e%2e/c", "/a/b/%252e%252e/c", "/a/b/..;/c", "/a/b\\..\\..\\c"):
        assert any(not one.startswith("/a/b") for one in readings(path))
