"""`gadfly fn`: what it asks the node, what it prints, and its exit codes."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

TRY = {
    "number": 1,
    "began": 1_790_000_000.0,
    "ended": 1_790_000_000.004,
    "outcome": "ok",
    "error": "",
    "version": "ab" * 32,
    "answer": '{"left": 1}',
    "log": "said\x1b[31m this\n",
    "unsaid": 0,
    "used": {},
    "denied": {},
}
CALL = {
    "id": 7,
    "function": "tidy",
    "called": "person:anna",
    "key": "k",
    "state": "done",
    "reason": "",
    "created": 1_790_000_000.0,
    "due": 0.0,
    "ended": 1_790_000_000.004,
    "attempts": 1,
    "allowed": 1,
    "replayable": True,
    "used": {},
    "denied": {"http:GET https://x.example/": 1},
    "event": "null",
    "tries": [TRY],
    "answer": {"left": 1},
    "error": None,
    "seconds": 0.004,
    "output": "said\x1b[31m this\n",
}
FAILED = {
    **CALL,
    "state": "dead",
    "reason": "tried 1 of 1 times",
    "tries": [{**TRY, "outcome": "failed", "error": "ValueError: no"}],
    "answer": None,
    "output": "",
}


def test_new_writes_a_file_and_prints_its_table(gadfly: Any, tmp_path: Path) -> None:
    folder = str(tmp_path / "fn")
    args = ("fn", "new", "tidy-up", "--owner", "ops", "--purpose", 'Says "hello".', "--folder", folder)
    code, out, err = gadfly(*args)
    assert code == 0
    table = tomllib.loads(out)["function"]["tidy-up"]
    assert (table["owner"], table["purpose"], table["grants"]) == ("ops", 'Says "hello".', [])
    compile(Path(table["file"]).read_text(), "tidy_up.py", "exec")
    assert "gadfly fn deploy tidy-up" in err
    again = gadfly(*args)
    assert again[0] == 2
    assert "is there already" in again[2]
    wrong = gadfly(*args, "--on", "sometimes")
    assert (wrong[0], "calls nothing" in wrong[2]) == (2, True)
    assert gadfly("fn", "new", "Tidy", "--owner", "o", "--purpose", "p", "--folder", folder)[0] == 2


@pytest.mark.parametrize(
    "purpose",
    ['He said "x"', "ends in \\", "\\x and \\N", 'three """ of them', "a\0b", "\U0001f600 of it", '"'],
    ids=["mark", "slash", "escape", "three", "nul", "far", "one"],
)
def test_whatever_its_purpose_the_file_can_be_read(gadfly: Any, tmp_path: Path, purpose: str) -> None:
    code, out, _ = gadfly(
        *("fn", "new", "one", "--owner", "ops", "--purpose", purpose, "--folder", str(tmp_path / "fn"))
    )
    assert code == 0
    said = purpose.replace("\0", "")
    table = tomllib.loads(out)["function"]["one"]
    assert table["purpose"] == said
    assert ast.get_docstring(ast.parse(Path(table["file"]).read_text())) == said


def test_deploy_and_roll_back(gadfly: Any, node: Any) -> None:
    version = {"hash": "ab" * 32, "files": 2, "bytes": 1500, "at": 0.0, "who": "person:anna"}
    node.gives("functions/tidy/deploy", version, method="POST")
    assert gadfly("fn", "deploy", "tidy")[:2] == (0, "tidy is abababababab now (2 files, 1,500 bytes)\n")
    assert gadfly("fn", "deploy", "tidy", "--to", "abc", "--json")[0] == 0
    code, _, err = gadfly("fn", "deploy", "tidy", "--to", "")
    assert (code, "names no version" in err) == (3, True)
    assert [body for _, _, body, _ in node.asked] == [{"hash": ""}, {"hash": "abc"}]


def test_invoke_prints_the_answer_alone(gadfly: Any, node: Any) -> None:
    node.gives("functions/tidy/invoke", CALL, method="POST")
    code, out, err = gadfly("fn", "invoke", "tidy", "--event", '{"a": 1}')
    assert (code, out) == (0, '{"left": 1}\n')
    assert err == "said�[31m this\ndenied: http:GET https://x.example/\n"
    assert node.asked[0][2] == {"event": {"a": 1}, "wait": 20.0}


@pytest.mark.parametrize("option", [(), ("--json",)], ids=["plain", "JSON"])
def test_an_answer_steers_no_terminal(gadfly: Any, node: Any, option: tuple[str, ...]) -> None:
    answer = "ä\x9b31m\u202e\x7f\U000e0041 \U0001f600"
    node.gives("functions/tidy/invoke", {**CALL, "answer": answer, "output": ""}, method="POST")
    code, out, _ = gadfly("fn", "invoke", "tidy", *option)
    assert code == 0
    assert out.rstrip("\n").isprintable()
    assert answer in (json.loads(out), json.loads(out)["answer"] if option else "")


def test_invoke_waits_for_what_takes_long(gadfly: Any, node: Any) -> None:
    node.gives("functions/tidy/invoke", {**CALL, "state": "running", "tries": []}, method="POST")
    node.gives("invocations/7", {**CALL, "answer": None, "output": ""})
    assert gadfly("fn", "invoke", "tidy")[:2] == (0, '{"left": 1}\n')
    assert node.asked[1][1] == "invocations/7?wait=20.0"


def test_invoke_says_why_it_failed(gadfly: Any, node: Any, tmp_path: Path) -> None:
    node.gives("functions/tidy/invoke", FAILED, method="POST")
    (tmp_path / "event.json").write_text("[1]")
    code, out, err = gadfly("fn", "invoke", "tidy", "--file", str(tmp_path / "event.json"))
    assert (code, out) == (2, "")
    assert "gadfly: ValueError: no (invocation 7)" in err
    assert node.asked[0][2]["event"] == [1]


@pytest.mark.parametrize(
    "args",
    [
        ("fn", "invoke", "tidy", "--event", "{"),
        ("fn", "invoke", "tidy", "--event", "[" * 100_000 + "]" * 100_000),
        ("fn", "replay"),
        ("fn", "replay", "1", "--dead", "x"),
    ],
    ids=["no JSON", "too deep", "nothing", "both"],
)
def test_what_is_asked_wrongly_asks_nobody(gadfly: Any, node: Any, args: tuple[str, ...]) -> None:
    assert gadfly(*args)[0] in (2, 3)
    assert node.asked == []


def test_list(gadfly: Any, node: Any) -> None:
    grants = [{"line": "secret:use x", "count": 1, "first": 0.0, "last": 0.0}]
    function = {"name": "tidy", "deployed": "", "on": [], "grants": grants, "purpose": "p"}
    node.gives("functions", {"functions": [function]})
    code, out, _ = gadfly("fn", "list")
    assert (code, " ".join(out.splitlines()[1].split())) == (
        0,
        "tidy not deployed by hand 1 of 1 grants used p",
    )
    node.gives("invocations", {"invocations": [{**CALL, "state": "dead", "reason": "why"}]})
    code, out, _ = gadfly("fn", "list", "tidy", "--state", "dead")
    assert code == 1
    assert "why; denied http:GET https://x.example/" in out
    node.gives("invocations", {"invocations": []})
    assert gadfly("fn", "list", "--state", "dead")[:2] == (0, "no calls are like that\n")
    node.gives("functions/tidy", {})
    assert gadfly("fn", "list", "tidy")[:2] == (0, "no calls are like that\n")
    assert gadfly("fn", "list", "mistyped")[0] == 3


def test_logs_are_attributed_and_clean(gadfly: Any, node: Any) -> None:
    said = {"invocation": 7, "called": "x", **TRY}
    lost = {**said, "number": 2, "outcome": "lost", "error": "the node ended", "log": "", "unsaid": 5}
    node.gives("functions/tidy/logs", {"tries": [lost, said, {**said, "number": 3, "outcome": "running"}]})
    code, out, _ = gadfly("fn", "logs", "tidy")
    lines = [line.split(" ", 4)[4] for line in out.splitlines()]
    assert (code, lines) == (
        0,
        ["| said�[31m this", "ok after 4 ms", "… 5 bytes are not kept", "lost: the node ended after 4 ms"],
    )
    code, out, _ = gadfly("fn", "logs", "tidy", "--json")
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["ok", "lost"]
    node.gives("functions/tidy/logs", {"tries": []})
    assert gadfly("fn", "logs", "tidy")[:2] == (1, "it was never called\n")


def test_replay_names_what_waits(gadfly: Any, node: Any) -> None:
    node.gives("invocations", {"invocations": [{**CALL, "id": 9}, {**CALL, "id": 8}]})
    for number, made in ((7, 12), (8, 8), (9, 9)):
        node.gives(f"invocations/{number}/replay", {"invocation": made}, method="POST")
    assert gadfly("fn", "replay", "7")[:2] == (0, "7: is made again, as 12\n")
    assert gadfly("fn", "replay", "--dead", "tidy")[:2] == (0, "8: is made again\n9: is made again\n")
    code, _, err = gadfly("fn", "replay", "77")
    assert (code, "77: " in err) == (3, True)


def test_only_commands_that_are_there_are_listed(gadfly: Any) -> None:
    code, out, _ = gadfly("fn", "--help")
    assert code == 0
    assert all(f"\n  {name} " in out for name in ("new", "deploy", "list", "invoke", "logs", "replay"))
    assert gadfly("fn", "nothing")[0] == 3
