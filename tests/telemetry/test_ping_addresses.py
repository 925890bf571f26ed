"""What a path and a query say of a ping; whatever comes, nothing but a refusal is raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError
from gadfly.telemetry.ping import Address, Said, address, creates, said, slug

ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
KEY = "fqOOd6-F4MMNuCEnzTU01w"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"/ping/{ID}", Address(ID, "", "", "", "")),
        (f"/ping/{ID}/", Address(ID, "", "", "", "")),
        (f"/{ID}", Address(ID, "", "", "", "")),
        (f"/{ID}/start", Address(ID, "", "", "start", "")),
        (f"/ping/{ID}/3", Address(ID, ID, "3", "3", "")),
        (f"/ping/{KEY}/db-backup", Address(KEY, KEY, "db-backup", "db-backup", "")),
        (f"/{KEY}/db-backup", Address("", KEY, "db-backup", "", "")),
        (f"/{KEY}/db-backup/fail", Address("", KEY, "db-backup", "", "fail")),
        ("/ping/some-long-secret-word", Address("some-long-secret-word", "", "", "", "")),
        ("/ping/short", None),
        ("/ping/", None),
        ("/ping", None),
        ("/", None),
        ("", None),
        ("/metrics", None),
        ("/api/v1/summary", None),
        (f"/{ID}/a/b", None),
        (f"/ping/{ID}/a/b/c/d/e/f/g", None),
        (f"/{KEY}", None),
        (f"/{KEY}/UPPER", None),
        (f"//{ID}", None),
    ],
)
def test_whom_a_path_means(path: str, found: Address | None) -> None:
    assert address(path) == found


@pytest.mark.parametrize(
    ("tail", "query", "found"),
    [
        ("", "", Said("success", 0, "")),
        ("0", "", Said("success", 0, "")),
        ("255", "", Said("fail", 255, "")),
        ("start", "", Said("start", 0, "")),
        ("fail", "", Said("fail", 1, "")),
        ("log", "", Said("log", 0, "")),
        ("start", f"rid={ID.upper()}", Said("start", 0, ID)),
        ("", f"create=1&rid={ID}", Said("success", 0, ID)),
        ("stop", "", None),
        ("-1", "", None),
        ("٣", "", None),
    ],
)
def test_what_is_said(tail: str, query: str, found: Said | None) -> None:
    assert said(tail, query) == found


@pytest.mark.parametrize(
    ("tail", "query", "words"),
    [
        ("256", "", "invalid url format"),
        ("0000000", "", "invalid url format"),
        ("", "rid=1", "invalid uuid format"),
        ("", "rid=", "invalid uuid format"),
        ("", "rid=" + "&" * 100, "invalid uuid format"),
    ],
)
def test_what_cannot_be_said(tail: str, query: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        said(tail, query)


def test_a_job_is_made_only_where_that_is_said() -> None:
    assert creates("create=1")
    assert creates(f"rid={ID}&create=1")
    assert not creates("create=0")
    assert not creates("xcreate=1")


@pytest.mark.parametrize(
    ("name", "found"),
    [("DB Backup", "db-backup"), ("a.b/c", "a-b-c"), ("--x--", "x"), ("Größe", "gr-e"), ("a_b", "a_b")],
)
def test_a_name_as_a_slug(name: str, found: str) -> None:
    assert slug(name) == found


@given(st.text(max_size=300))
def test_any_path_is_read(path: str) -> None:
    for one in (path, f"/ping/{path}", f"/{ID}/{path}", f"/ping/{KEY}/{path}"):
        found = address(one)
        assert found is None or found.id or found.key


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_words_are_read_or_refused(tail: str, query: str) -> None:
    try:
        found = said(tail, query)
    except FormatError:
        return
    assert found is None or 0 <= found.exit <= 255
