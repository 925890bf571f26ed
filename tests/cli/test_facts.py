"""`gadfly facts`: a file goes in pieces of whole lines; what is not asked is said with the reason."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner

from gadfly.cli import facts
from gadfly.cli.root import gadfly
from gadfly.errors import FormatError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, b"")]),
        ("aaaa\nbbbb\n", [(1, b"aaaa\nbbbb\n")]),
        ("aaaa\nbbbb\ncccc\n", [(1, b"aaaa\nbbbb\n"), (3, b"cccc\n")]),
        ("aaaaaaaaaaaaaaa\nb", [(1, b"aaaaaaaaaaaaaaa\n"), (2, b"b")]),
        ("ä" * 5 + "\nb\n", [(1, "äääää\n".encode()), (2, b"b\n")]),
    ],
    ids=["empty", "one", "two", "a long line", "bytes"],
)
def test_a_file_goes_in_pieces_of_whole_lines(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: list[tuple[int, bytes]]
) -> None:
    monkeypatch.setattr(facts, "PIECE", 12)
    assert list(facts.pieces(io.StringIO(text))) == expected


def test_a_file_that_has_no_lines_is_not_sent() -> None:
    rows = io.StringIO('{"a": 1}\n' + "x" * 65_537 + "\n")
    with pytest.raises(FormatError, match="line 2 has 65,538 characters; 65,536 are the most"):
        list(facts.pieces(rows))


def test_kinds_that_are_muted_or_lack_facts_are_listed() -> None:
    kinds = [
        {"name": "unacted", "muted": "", "lacks": []},
        {"name": "storm", "muted": "not here", "lacks": []},
        {"name": "one-hero", "muted": "", "lacks": ["needs rota: it is planned elsewhere"]},
    ]
    assert list(facts.lacking(kinds)) == [
        "\nNOT ASKED HERE: 2 of 3 kinds",
        "storm",
        "    muted: not here",
        "one-hero",
        "    needs rota: it is planned elsewhere",
    ]
    assert list(facts.lacking(kinds[:1])) == []


@pytest.mark.parametrize("more", [[], ["--key", "k", "--all"]], ids=["neither", "both"])
def test_what_is_to_be_forgotten_is_said(more: list[str]) -> None:
    found = CliRunner().invoke(gadfly, ["facts", "delete", "rota", *more])
    assert found.exit_code == 2
    assert "--key KEY for one row, or --all" in found.output
