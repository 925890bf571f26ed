"""The whole way: a real node, real beats, and every command that asks it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Running:
    """A node of its own, and commands that find it by its run file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.closed = free(socket.SOCK_STREAM)
        self.page = free(socket.SOCK_STREAM)
        self.beats = free(socket.SOCK_DGRAM)
        self.config = folder / "gadfly.toml"
        self.write("")
        self.environment = {
            **os.environ,
            "GADFLY_RUN": str(folder / "run"),
            "GADFLY_TO": f"127.0.0.1:{self.beats}",
            "HOME": str(folder),
        }
        for name in ("GADFLY_NODE", "GADFLY_TOKEN", "FORCE_COLOR"):
            self.environment.pop(name, None)
        self.started: list[subprocess.Popen[str]] = []
        self.node = self.start("up", "--config", str(self.config))

    def write(self, more: str) -> None:
        self.config.write_text(
            f'[node]\nname = "north"\nlisten = "127.0.0.1:{self.page}"\nstate = "{self.folder}/state"\n'
            f'preset = "local"\nwatch_host = false\n'
            f'[heartbeat]\ngroups = ["239.192.71.70:{self.beats}"]\n'
            f"[owner.ops]\ncontact = ['exec:/bin/true']\n"
            f'[component.web]\nowner = "ops"\n'
            f'probe.tcp = {{ address = "127.0.0.1:{self.page}", every = "30s" }}\n{more}'
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "gadfly", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "gadfly", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def json(self, *arguments: str) -> Any:
        code, out, err = self.run(*arguments, "--json")
        assert out, (code, err)
        return json.loads(out)

    def until(self, *arguments: str, code: int = 0, words: str = "", seconds: float = 15.0) -> str:
        """Ask until the exit code is this one and these words are in the answer."""
        end = time.monotonic() + seconds
        while True:
            found = self.run(*arguments)
            if found[0] == code and words in found[1]:
                return found[1]
            assert time.monotonic() < end, (arguments, found)
            assert self.node.poll() is None, self.node.communicate()
            time.sleep(0.1)

    def close(self) -> None:
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("node"))
    try:
        running.until("status", words="1 healthy", seconds=30)
        yield running
    finally:
        running.close()


def test_the_page_s_address_is_printed_and_no_token_into_a_pipe(node):
    assert node.node.stdout is not None
    lines = [node.node.stdout.readline() for _ in range(5)]
    assert lines[0].startswith("north is up; 1 declared in ")
    assert f"http://127.0.0.1:{node.page}/" in "".join(lines)
    assert "token" not in "".join(lines)


def test_a_beat_appears_a_kill_is_critical_and_can_be_taken_on(node):
    heart = node.start("beat", "checkout", "--owner", "ops")
    node.until("status", "checkout", code=0)
    heart.kill()
    node.until("status", "checkout", code=2, words="down")
    assert node.run("status")[0] == 2
    node.until("alerts", code=2, words="checkout")
    code, out, err = node.run("ack", "checkout", "--note", "on it")
    assert (code, err) == (0, ""), err
    assert "taken on by" in out
    alert = next(a for a in node.json("alerts")["alerts"] if a["component"] == "checkout")
    assert alert["acknowledged"]
    assert node.run("ack", "checkout")[0] == 3
    assert "checkout" in json.dumps(node.json("incidents"))
    node.start("beat", "checkout", "--owner", "ops")
    node.until("status", "checkout", code=0)
    node.until("alerts", "--state", "all", words="resolved")


def test_a_probe_is_asked_now(node):
    code, out, err = node.run("probe", "web")
    assert code == 0, err
    assert "pass" in out
    assert node.run("probe", "nonsense")[0] == 3


def test_silences_come_and_go(node):
    made = node.json("silence", "add", "component=web", "--for", "1h", "--because", "a new disk")
    assert [s["reason"] for s in node.json("silence", "list")["silences"]] == ["a new disk"]
    assert node.run("silence", "end", str(made["id"]))[0] == 0
    assert node.json("silence", "list")["silences"] == []
    assert node.run("silence", "end", str(made["id"]))[0] == 3


def test_a_token_may_do_what_it_was_made_for_until_it_is_revoked(node):
    made = node.json("token", "create", "ci", "--program", "--scope", "ack", "--for", "1h")
    other = ["--node", f"http://127.0.0.1:{node.page}", "--token", made["token"]]
    code, _, err = node.run("reload", *other)
    assert code == 3
    assert "scope" in err
    assert [t["name"] for t in node.json("token", "list")["tokens"] if t["id"] == made["id"]] == ["ci"]
    assert node.run("token", "revoke", str(made["id"]))[0] == 0
    assert node.run("ack", "1", *other)[0] == 3


def test_a_reload_takes_all_or_nothing(node):
    node.write('[component.late]\nowner = "ops"\nbeats = "1s"\n')
    assert any("late" in line for line in node.json("reload")["changes"])
    node.until("status", "late", code=2, words="missing", seconds=60)
    node.write("[component.web2]\ncolour = 'red'\n")
    code, out, err = node.run("reload")
    assert (code, out) == (2, "")
    assert "colour" in err
    node.write("")
    assert node.run("reload")[0] == 0
    assert node.run("status", "late")[0] == 3


def test_the_running_configuration_and_the_outbox(node):
    assert node.json("config", "show", "--running")["node"]["name"] == "north"
    assert node.run("outbox")[:2] == (0, "no dead letters\n")


def test_a_plugin_line(node):
    code, out, _ = node.run("status", "web", "--perfdata")
    assert code == 0
    assert out.startswith("GADFLY OK - web is healthy")
    assert "'tcp'=" in out


def test_sigterm_ends_it_with_0_and_takes_the_run_file_away(node):
    node.node.send_signal(signal.SIGTERM)
    _, err = node.node.communicate(timeout=15)
    assert (node.node.returncode, err) == (0, "")
    assert not (node.folder / "run" / "node.json").exists()
    # Where there is no run file the usual address is asked, and somebody else may be there.
    assert node.run("status", "--node", f"http://127.0.0.1:{node.page}")[0] == 3
