"""Every page is light, complete, and asks nobody but its node."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from gadfly.web import page

LIMIT = 60_000
PAGES = [file.name for file in page.load() if file.name.endswith(".html")]


def parts(html: str) -> dict[str, page.File]:
    """A page and everything it asks for before it asks the node."""
    files = {file.name: file for file in page.load()}
    asked = set(re.findall(r'(?:href|src)="/page/([\w.]+)"', files[html].plain.decode()))
    return {name: files[name] for name in {html, *asked}}


@pytest.mark.parametrize("html", PAGES)
def test_a_page_travels_in_less_than_60_kb(html: str) -> None:
    files = parts(html).values()
    assert sum(len(file.packed) for file in files) < LIMIT / 2
    assert sum(len(file.plain) for file in files) < 80_000


def test_there_is_no_file_that_no_page_asks_for() -> None:
    scripts = [file.plain.decode() for file in page.load() if file.name.endswith(".js")]
    later = {name for text in scripts for name in re.findall(r"""import\("\./([\w.]+)"\)""", text)}
    assert {name for html in PAGES for name in parts(html)} | later == {file.name for file in page.load()}


async def test_every_file_is_given_with_its_kind_and_a_validator(ask: Any) -> None:
    for file in page.load():
        path = page.path(file)
        plain = await ask("GET", path)
        assert (plain.status, plain.body) == (200, file.plain)
        assert plain.headers["content-type"] == file.media
        packed = await ask("GET", path, headers={"accept-encoding": "gzip"})
        assert gzip.decompress(packed.body) == file.plain
        assert (await ask("GET", path, headers={"if-none-match": plain.headers["etag"]})).status == 304


def test_nothing_in_it_points_elsewhere() -> None:
    for file in page.load():
        text = file.plain.decode()
        found = set(re.findall(r"""["'(](?:https?:)?//[^"')\s]+""", text)) - {'"http://www.w3.org/2000/svg'}
        assert not found, file.name


def test_nothing_in_it_parses_markup_or_reads_layout() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|ContextualFragment"
    )
    layout = r"clientWidth|clientHeight|offsetWidth|offsetHeight|getBoundingClientRect|scrollHeight|innerText"
    for file in page.load():
        if file.name.endswith(".js"):
            assert not re.search(forbidden, file.plain.decode()), file.name
            assert not re.search(layout, file.plain.decode()), file.name


IMPORT = re.compile(r'from "\./([\w.]+)"')


@pytest.mark.parametrize("html", PAGES)
def test_every_module_is_preloaded(html: str) -> None:
    """Each module that a page's script imports, at any depth, is asked for at once."""
    files = {file.name: file.plain.decode() for file in page.load()}
    (main,) = re.findall(r'type="module" src="/page/([\w.]+)"', files[html])
    needed, waiting = set[str](), [main]
    while waiting:
        found = set(IMPORT.findall(files[waiting.pop()])) - needed
        needed |= found
        waiting += found
    assert set(re.findall(r'modulepreload" href="/page/([\w.]+)"', files[html])) == needed
