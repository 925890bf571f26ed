"""`gadfly exec`: the command runs as it would alone, and what becomes of it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gadfly.instrument.exec import main
from gadfly.telemetry.frame import Kind, card

pytestmark = pytest.mark.slow


def start(receiver: Any, *arguments: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gadfly", "exec", "nightly", "--to", receiver.to, *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_hears_signals, **more
    )


def _hears_signals() -> None:
    """Where the tests run in the background, signals of the terminal are ignored, and that is inherited."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def outcome(receiver: Any) -> dict[str, Any]:
    return card(receiver.until_kind(Kind.goodbye))


def test_a_job_that_fails(receiver: Any) -> None:
    script = "echo out; echo err >&2; cat; sleep 0.2; exit 3"
    with start(
        receiver, "--every", "1h", "--grace", "10m", "--", "sh", "-c", script, stdin=subprocess.PIPE
    ) as run:
        out, err = run.communicate("in\n")
        assert (run.returncode, out, err) == (3, "out\nin\n", "err\n")
    first = receiver.next()
    told = card(first)
    assert first.kind is Kind.announce
    assert told["kind"] == "job"
    assert told["pid"] not in (run.pid, os.getpid())
    assert told["job"] == {"every": 3600.0, "grace": 600.0, "state": "running"}
    frames = receiver.rest()
    goodbyes = [frame for frame in frames if frame.kind is Kind.goodbye]
    assert len(goodbyes) == 3
    assert goodbyes[0].status == 2
    job = card(goodbyes[0])["job"]
    assert (job["state"], job["exit"]) == ("finished", 3)
    assert 0.2 <= job["seconds"] < 10
    assert sorted(job["output"].split()) == ["err", "in", "out"]
    assert card(goodbyes[0])["reason"] == "exit code 3"
    announced = [frame for frame in frames if frame.kind is Kind.announce]
    assert card(announced[-1])["job"] == job, "also as an announce, before"


def test_a_job_that_succeeds_with_much_output(receiver: Any) -> None:
    with start(receiver, "--", sys.executable, "-c", "for n in range(20000): print('line', n)") as run:
        out, _ = run.communicate()
        assert run.returncode == 0
        assert out.splitlines() == [f"line {n}" for n in range(20000)]
    told = outcome(receiver)
    assert told["job"]["output"].endswith("line 19999")
    assert told["job"]["exit"] == 0


def test_output_is_left_alone(receiver: Any) -> None:
    with start(receiver, "--no-output", "--host", "node7", "--", "echo", "secret") as run:
        assert run.communicate()[0] == "secret\n"
    told = outcome(receiver)
    assert "output" not in told["job"]
    assert told["host"] == "node7"


def test_a_killed_child_is_told_at_once(receiver: Any) -> None:
    with start(receiver, "--", "sleep", "60") as run:
        pid = card(receiver.next(20))["pid"]
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        told = card(receiver.until(lambda frame: frame.status == 2))
        assert time.monotonic() - killed < 0.5
        assert run.wait() == 137
    assert (told["job"]["exit"], told["reason"]) == (137, "ended by SIGKILL")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_forwarded(receiver: Any, number: signal.Signals) -> None:
    script = f"trap 'echo caught; exit 7' {number.name[3:]}; echo ready; while :; do sleep 0.05; done"
    with start(receiver, "--", "sh", "-c", script) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        run.send_signal(number)
        assert run.stdout.read() == "caught\n"
        assert run.wait() == 7
    assert outcome(receiver)["job"]["exit"] == 7


@pytest.mark.parametrize(("command", "code"), [("/nonesuch", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_run(receiver: Any, command: str, code: int) -> None:
    with start(receiver, "--", command) as run:
        assert run.communicate()[1].startswith(f"gadfly exec: {command}: ")
        assert run.returncode == code
    assert outcome(receiver)["job"]["exit"] == code


def test_it_is_told_while_what_it_left_behind_still_writes(receiver: Any) -> None:
    with start(receiver, "--", "sh", "-c", "(sleep 1; echo late) & echo soon") as run:
        began = time.monotonic()
        assert outcome(receiver)["job"]["output"] == "soon"
        assert time.monotonic() - began < 0.9
        assert run.communicate()[0] == "soon\nlate\n"


def test_a_reader_that_goes_away(receiver: Any) -> None:
    with start(receiver, "--", "sh", "-c", "while echo y; do :; done 2>/dev/null; exit 5") as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.close()
        assert run.wait(10) in (5, 141)


def test_the_network_does_not_matter() -> None:
    command = [sys.executable, "-m", "gadfly", "exec", "nightly", "--to", "http://127.0.0.1:9", "--", "true"]
    assert subprocess.run(command, check=False, timeout=20).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x"], "no command"),
        (["x", "--"], "no command"),
        (["x", "--every", "1x", "--", "true"], '"1x" is not a duration'),
        (["x", "--schedule", "daily", "--", "true"], "five fields"),
        (["x", "--every", "1h", "--schedule", "0 2 * * *", "--", "true"], "not allowed with"),
        (["x", "--label", "novalue", "--", "true"], "is not KEY=VALUE"),
        (["", "--", "true"], "is no name"),
        (["x", "--to", "a:b", "--", "true"], "b is not a port"),
        (["x", "--key-file", "/nonesuch", "--", "true"], "/nonesuch"),
        (["x", "--key-file", "/dev/null", "--", "true"], "/dev/null is empty"),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: Any = main(arguments)
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert message in capsys.readouterr().err


def test_the_key_comes_from_a_file(receiver: Any, tmp_path: Path) -> None:
    from gadfly.telemetry.frame import key_id

    (tmp_path / "key").write_text("secret\n")
    receiver.keys = {key_id(b"secret"): b"secret"}
    with start(receiver, "--key-file", str(tmp_path / "key"), "--", "true") as run:
        run.communicate()
    assert outcome(receiver)["job"]["exit"] == 0
