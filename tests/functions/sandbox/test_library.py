"""Of the interpreter's folder a cell has the standard library, and not what else is installed there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gadfly.functions.sandbox import kernel, landlock, root
from gadfly.functions.sandbox.supervisor import Answer, Limits

pytestmark = [pytest.mark.slow]
LOOKS = """
    import os
    library = os.path.dirname(os.__file__)
    def handler(event, context):
        import wave  # one that is not loaded ahead
        return {name: os.listdir(f"{library}/{name}") for name in event if os.path.isdir(f"{library}/{name}")}
    """


def test_what_is_installed_besides_is_not_there(called: Callable[..., list[Answer]]) -> None:
    (answer,) = called(LOOKS, tier="A", events=[[*root.HIDDEN, "json"]])
    assert "decoder.py" in answer.value.pop("json")
    assert all(found == [] for found in answer.value.values())


LARGE = """
    import argparse, asyncio, calendar, csv, dataclasses, email.message, fractions, gzip, html, http.client
    import ipaddress, pathlib, queue, sqlite3, ssl, statistics, tempfile, unicodedata, urllib.request, uuid
    import xml.etree.ElementTree, zoneinfo

    async def double(one):
        await asyncio.sleep(0)
        return 2 * one

    def handler(event, context):
        root = xml.etree.ElementTree.fromstring("<a><b>c</b></a>")
        return [asyncio.run(double(event)), root[0].text, html.unescape("&amp;")]
    """


@pytest.mark.parametrize("tier", ["A", "B"])
def test_what_is_large_works_in_a_cell(called: Callable[..., list[Answer]], tier: str) -> None:
    (answer,) = called(LARGE, tier=tier, events=[21])
    assert (answer.value, answer.error, answer.ended) == ([42, "c", "&"], None, "")


def test_without_a_root_of_its_own_it_cannot_be_opened(tmp_path: Path) -> None:
    for name in ("json", "site-packages"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.py").write_text("1")
    (tmp_path / "os.py").write_text("2")
    (tmp_path / "out.py").symlink_to("/etc/passwd")
    reads, writes = os.pipe()
    if (pid := os.fork()) == 0:
        said: dict[str, object] = {}
        try:
            folder = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
            landlock.restrict([], [], libraries=[folder], hidden=root.HIDDEN)
            for name in ("json/x.py", "os.py", "site-packages/x.py", "out.py"):
                try:
                    said[name] = (tmp_path / name).read_text()
                except OSError as error:
                    said[name] = type(error).__name__
        except BaseException as error:
            said["error"] = str(error)
        os.write(writes, json.dumps(said).encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as file:
        said = json.load(file)
    os.waitpid(pid, 0)
    refused = "PermissionError"
    assert said == {"json/x.py": "1", "os.py": "2", "site-packages/x.py": refused, "out.py": refused}


DATABASE = """
    import sqlite3
    def handler(event, context):
        one, two = (sqlite3.connect("/tmp/x.db", timeout=0, isolation_level=None) for _ in range(2))
        one.execute("CREATE TABLE t (a)")
        one.execute("BEGIN EXCLUSIVE")
        one.execute("INSERT INTO t VALUES (7)")
        try:
            two.execute("INSERT INTO t VALUES (8)")
        except sqlite3.OperationalError as error:
            said = str(error)
        one.execute("COMMIT")
        return [said, two.execute("SELECT a FROM t").fetchall()]
    """


def test_a_database_in_scratch_is_locked_without_locks_of_files(called: Callable[..., list[Answer]]) -> None:
    (answer,) = called(DATABASE, Limits(seconds=20.0, scratch=1 << 20))
    assert answer.error is None
    assert answer.value == ["database is locked", [[7]]]
