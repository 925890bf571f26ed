"""`gadfly logs`: the newest last, chosen, followed, and nothing in them steers the terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from gadfly.cli import logs as module
from gadfly.cli.root import gadfly


class Asked:
    """A node with so many lines, one a second."""

    def __init__(self, count: int) -> None:
        self.lines = [
            {
                "number": n, "at": 1_800_000_000.0 + n, "source": "syslog", "host": "h1", "unit": "web",
                "severity": "error" if n % 2 else "info", "text": f"line\x1b[31m {n}", "fields": {},
            }
            for n in range(1, count + 1)
        ]  # fmt: skip
        self.queries: list[dict[str, Any]] = []

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        assert path == "logs"
        self.queries.append(query)
        newest = len(self.lines)
        if "after" in query:
            if len(self.queries) > 4:
                raise KeyboardInterrupt
            found = [line for line in self.lines if line["number"] > query["after"]]
            return {"lines": found, "cursor": newest, "more": False, "newest": newest}
        found = [line for line in reversed(self.lines) if line["number"] < query.get("before", 1 << 60)]
        page = found[: min(query["limit"], 70)]  # a search may end early
        cursor = page[-1]["number"] if page else 0
        return {"lines": page, "cursor": cursor, "more": len(page) < len(found), "newest": newest}


def run(asked: Asked, monkeypatch: pytest.MonkeyPatch, *args: str) -> Any:
    monkeypatch.setattr(module, "find", lambda *_: asked)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    return CliRunner().invoke(gadfly, ["logs", *args], standalone_mode=False, env={"TZ": "UTC"})


def test_the_newest_come_last_and_pages_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(200)
    lines = run(asked, monkeypatch).stdout.splitlines()
    assert len(lines) == 100
    assert lines[-1].endswith("h1 web: line�[31m 200")
    assert lines[0].endswith(" 101")
    assert [query["limit"] for query in asked.queries] == [100, 30]


def test_what_is_asked_for_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(1)
    run(
        asked,
        monkeypatch,
        "out of",
        "--unit",
        "w*",
        "--host",
        "h",
        "--source",
        "syslog",
        "-p",
        "error",
        "-n",
        "5",
    )
    expected = {
        "match": "out of",
        "unit": "w*",
        "host": "h",
        "source": "syslog",
        "severity": "error",
        "limit": 5,
    }
    assert asked.queries == [expected]
    run(asked, monkeypatch, "--since", "1h")
    assert float(asked.queries[1]["since"]) > 0


@pytest.mark.parametrize(("count", "code"), [(1, 0), (0, 1)])
def test_the_exit_code_says_whether_there_were_lines(
    count: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(Asked(count), monkeypatch)
    assert result.return_value == code
    assert ("no line is like that" in result.stdout) == (count == 0)


def test_json_is_one_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [json.loads(line) for line in run(Asked(3), monkeypatch, "--json").stdout.splitlines()]
    assert [line["number"] for line in found] == [1, 2, 3]


def test_follow_goes_on_behind_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(2)
    real = asked.get

    def get(path: str, **query: Any) -> dict[str, Any]:
        if query.get("after") == 2:
            asked.lines += Asked(3).lines[2:]
        return real(path, **query)

    asked.get = get  # type: ignore[method-assign]
    result = run(asked, monkeypatch, "--follow")
    assert [line.rsplit(" ", 1)[1] for line in result.stdout.splitlines()] == ["1", "2", "3"]
    assert [query["after"] for query in asked.queries[1:]] == [2, 3, 3, 3]
