"""`gadfly fn policy`: exit codes, new access against git, and grants recorded in the sandbox."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from gadfly.cli import main

SOON = (dt.datetime.now(dt.UTC) + dt.timedelta(days=90)).date().isoformat()
CONFIG = """\
[owner.platform]
contact = ["mailto:platform@example.org"]
[function.tidy]
file = "functions/tidy.py"
owner = "platform"
purpose = "Deletes exports that nobody fetched for a month."
on = "schedule: 15 3 * * * UTC"
grants = [{grants}]
review = {review}
"""
DELETE = '"http:DELETE https://files.example.org/exports/*"'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/tidy.py").write_text("def handler(event, context):\n    return 1\n")
    return tmp_path


def write(place: Path, grants: str) -> str:
    path = place / "gadfly.toml"
    path.write_text(CONFIG.replace("{grants}", grants).replace("{review}", SOON))
    return str(path)


def git(place: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(place), *who, *words], check=True, capture_output=True, timeout=60)


@pytest.fixture
def kept(place: Path) -> Path:
    """A repository whose first commit has one grant."""
    write(place, DELETE)
    git(place, "init", "-q")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "first")
    return place


def test_nothing_to_say(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fn", "policy", "check", write(place, DELETE)]) == 0
    assert "nothing careless" in capsys.readouterr().out


def test_careless(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fn", "policy", "check", write(place, '"http:GET https://h.example/*"')]) == 1
    assert "tidy: whole host: http:GET https://h.example/* is everything" in capsys.readouterr().out


def test_an_overdue_review(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(write(place, DELETE))
    path.write_text(path.read_text().replace(SOON, "2001-01-01"))
    assert main(["fn", "policy", "check", str(path)]) == 1
    assert "overdue" in capsys.readouterr().out


def test_a_grant_that_is_none(place: Path) -> None:
    assert main(["fn", "policy", "check", write(place, '"shell:run"')]) == 2


@pytest.mark.parametrize(
    ("grants", "code", "words"),
    [
        (DELETE, 0, "nothing new since HEAD"),
        ("", 0, "nothing new since HEAD"),
        ('"http:DELETE https://files.example.org/exports/a"', 0, "nothing new"),
        (f'{DELETE}, "metric:read up"', 2, "tidy: new access: metric:read up"),
    ],
    ids=["same", "less", "narrower", "more"],
)
def test_against_a_revision(
    kept: Path, grants: str, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fn", "policy", "check", write(kept, grants), "--against", "HEAD"]) == code
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'on = "schedule: 15 3 * * * UTC"',
            'on = "webhook: github env:HOOK"',
            "tidy: new access: called by webhook: github env:HOOK",
        ),
        (
            "[function.tidy]",
            '[functions]\nnetworks = ["10.2.0.0/16"]\n[function.tidy]',
            "functions: new access: the network 10.2.0.0/16 is open",
        ),
    ],
    ids=["caller", "network"],
)
def test_access_that_is_no_grant(
    kept: Path, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept / "gadfly.toml"
    path.write_text(path.read_text().replace(old, new))
    assert main(["fn", "policy", "check", str(path), "--against", "HEAD"]) == 2
    assert words in capsys.readouterr().out


def test_a_folder_and_a_function_that_was_not_there(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kept / "gadfly.toml").rename(kept / "a.toml")
    git(kept, "add", "-A")
    git(kept, "commit", "-qm", "second")
    more = (
        CONFIG.partition("[function.tidy]")[2]
        .replace("{grants}", '"metric:read up"')
        .replace("{review}", SOON)
    )
    (kept / "b.toml").write_text(f"[function.other]{more}")
    assert main(["fn", "policy", "check", str(kept), "--against", "HEAD", "--json"]) == 2
    found = {one["name"]: one["new"] for one in json.loads(capsys.readouterr().out)["functions"]}
    assert found == {"other": ["metric:read up"], "tidy": []}


@pytest.mark.parametrize("revision", ["nope", "--output=/tmp/x", "HEAD:gadfly.toml"])
def test_a_revision_that_cannot_be_read(
    kept: Path, revision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fn", "policy", "check", write(kept, DELETE), f"--against={revision}"]) == 3
    assert "git knows no revision" in capsys.readouterr().err


def test_no_repository(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fn", "policy", "check", write(place, DELETE), "--against", "HEAD"]) == 3
    assert "no git repository" in capsys.readouterr().err


def test_what_is_recorded_is_printed_for_the_catalogue(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gadfly.functions import rehearsal
    from gadfly.functions.record import Ran

    class Stage:
        def __init__(self, live: bool) -> None:
            assert not live

        async def __aenter__(self) -> Any:
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

        async def run(self, function: Any, sample: Any, recording: bool) -> Ran:
            assert sample.event == {"a": 1}
            if recording:
                return Ran("", {"metric:read up": 1})
            return Ran("" if function.grants else "Denied", {})

    monkeypatch.setattr(rehearsal, "Stage", Stage)
    sample = place / "s.json"
    sample.write_text('{"event": {"a": 1}, "answers": {"metric:read up": []}}')
    words = ["fn", "policy", "record", str(place / "functions/tidy.py"), "--sample", str(sample)]
    assert main(words) == 0
    assert capsys.readouterr().out == 'grants = [\n  "metric:read up",\n]\n'
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"grants": ["metric:read up"], "notes": []}
    config = write(place, f'{DELETE}, "metric:read up"')
    assert main(["fn", "policy", "record", "tidy", "--sample", str(sample), "--config", config]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"# {DELETE[1:-1]} is granted and more than these samples need"


@pytest.mark.slow
def test_recorded_in_the_sandbox(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "functions/tidy.py").write_text(
        "import gadfly_fn\n\n\ndef handler(event, context):\n"
        "    open('/tmp/a', 'w').write('x' * 3_000_000)\n"
        "    for one in gadfly_fn.http('GET', 'https://files.example.org/exports', secret='files').json():\n"
        "        gadfly_fn.http('DELETE', f'https://files.example.org/exports/{one}')\n"
        "    try:\n"
        "        gadfly_fn.metric('up')\n"
        "    except gadfly_fn.Denied:\n"
        "        pass\n"
    )
    sample = place / "s.json"
    answers = {"http:GET https://files.example.org/exports": list(range(5))}
    sample.write_text(json.dumps({"event": {}, "answers": answers}))
    words = ["fn", "policy", "record", str(place / "functions/tidy.py"), "--sample", str(sample), "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["grants"] == [
        "http:DELETE https://files.example.org/exports/*",
        "http:GET https://files.example.org/exports",
        "secret:use files",
        "scratch:8MiB",
    ]
    assert any("metric:read up is left out" in note for note in found["notes"])


def test_a_sample_that_is_none(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = place / "s.json"
    sample.write_text("{")
    assert main(["fn", "policy", "record", str(place / "functions/tidy.py"), "--sample", str(sample)]) == 2
    assert "not JSON" in capsys.readouterr().err


def lines(*used: tuple[str, int, float]) -> list[dict[str, Any]]:
    return [{"line": line, "count": count, "first": last, "last": last} for line, count, last in used]


def test_uses_are_shown_with_their_dates(node: Any, gadfly: Any) -> None:
    now = time.time()
    tidy = {
        "name": "tidy",
        "deployed": "abc",
        "since": now - 60 * 86400,
        "grants": lines(("metric:read up", 12, now - 3 * 86400), ("metric:read down", 0, 0.0)),
    }
    other = {"name": "other", "deployed": "", "since": 0.0, "grants": lines(("secret:use a", 0, 0.0))}
    node.gives("functions", {"functions": [tidy, other]})
    code, out, _ = gadfly("fn", "policy", "uses")
    assert code == 1
    shown = [line.split() for line in out.splitlines()]
    assert shown[1] == ["tidy", "metric:read", "up", "12", "3", "d", "ago"]
    assert shown[2] == ["tidy", "metric:read", "down", "0", "never"]
    assert "tidy: metric:read down was never used since" in out
    assert gadfly("fn", "policy", "uses", "other")[0] == 0
    code, out, _ = gadfly("fn", "policy", "uses", "tidy", "--json")
    assert [one["grant"] for one in json.loads(out)["functions"][0]["unused"]] == ["metric:read down"]
    code, _, err = gadfly("fn", "policy", "uses", "absent")
    assert code == 2
    assert "knows no function 'absent'" in err
