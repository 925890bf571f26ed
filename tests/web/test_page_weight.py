"""The page is light, complete, and asks nobody but its node."""

from __future__ import annotations

import gzip
import re
from typing import Any

from gadfly.web import page

LIMIT = 60_000


def test_the_page_travels_in_less_than_60_kb() -> None:
    assert sum(len(file.packed) for file in page.load()) < LIMIT / 2
    assert sum(len(file.plain) for file in page.load()) < 80_000


async def test_every_file_is_given_with_its_kind_and_a_validator(ask: Any) -> None:
    for file in page.load():
        path = "/" if file.name == "index.html" else f"/page/{file.name}"
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


def test_every_module_is_preloaded() -> None:
    files = {file.name: file.plain.decode() for file in page.load()}
    modules = {name for name in files if name.endswith(".js")} - {"theme.js", "main.js"}
    assert set(re.findall(r'modulepreload" href="/page/([\w.]+)"', files["index.html"])) == modules
