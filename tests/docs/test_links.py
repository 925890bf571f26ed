"""Every link to a file of ours leads somewhere, and every page is linked from the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _links(page: Path) -> set[Path]:
    found = (match[1] for match in _LINK.finditer(page.read_text()))
    return {(page.parent / link).resolve() for link in found if "://" not in link}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in _links(page) if not link.exists()] == []


@pytest.mark.parametrize(
    "folder", [ROOT / "docs", ROOT / "docs" / "decisions"], ids=lambda folder: folder.name
)
def test_the_index_knows_every_page(folder: Path) -> None:
    index = folder / "README.md"
    pages = {page.resolve() for page in folder.glob("*.md")} - {index.resolve()}
    assert pages - _links(index) == set()


@pytest.mark.parametrize(
    "note", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda note: note.stem
)
def test_a_decision_has_its_dates(note: Path) -> None:
    assert re.search(r"^Decided \d{4}-\d\d-\d\d\. Review \d{4}-\d\d-\d\d\.$", note.read_text(), re.MULTILINE)
