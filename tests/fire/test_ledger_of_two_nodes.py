"""The attacks on a ledger, on real nodes of which one witnesses the other: each is found, and by what."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gadfly.ledger import anchor, log
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry
from gadfly.ledger.key import identity
from gadfly.ledger.log import Log
from gadfly.ledger.note import COSIGNATURE, verifier_of

pytestmark = [pytest.mark.slow, pytest.mark.first, pytest.mark.timeout(300)]

GADFLY = str(Path(sys.executable).with_name("gadfly"))
TABLES = ("ledger_entry", "ledger_about", "ledger_tile", "ledger_checkpoint", "ledger_cosignature")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


class Machine:
    """A folder with a node's state and configuration, and its process while it runs."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.state = folder / "state"
        self.port, self.udp = free_port(), free_port(socket.SOCK_DGRAM)
        self.more = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.identity = identity(self.state, name)
        self.env = {**os.environ, "GADFLY_RUN": str(folder / "run"), "NO_COLOR": "1"}
        (folder / "run").mkdir()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        return str(verifier_of(self.identity.origin, self.identity.key))

    @property
    def witness_key(self) -> str:
        return str(verifier_of(self.identity.origin, self.identity.key, COSIGNATURE))

    @property
    def log(self) -> Log:
        """Its ledger, with its right key: what a thief of the state has."""
        return Log(self.identity.origin, self.identity.key)

    def start(self) -> None:
        (self.folder / "gadfly.toml").write_text(
            f'[node]\nname = "{self.name}"\nlisten = "127.0.0.1:{self.port}"\nstate = "{self.state}"\n'
            f'watch_host = false\n[heartbeat]\ngroups = ["239.192.71.70:{self.udp}"]\n{self.more}'
        )
        with (self.folder / "log").open("ab") as output:
            self.process = subprocess.Popen(
                [GADFLY, "up", "--config", str(self.folder / "gadfly.toml"), "--quiet"],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.env,
            )
        self.until(lambda: self.run("ledger", "witness")[0] != 3)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def run(self, *words: str) -> tuple[int, str]:
        """`gadfly WORDS`, asked of this node: exit code and what it printed."""
        done = subprocess.run(
            [GADFLY, *words], env=self.env, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def standing(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("ledger", "witness", "--now", "--json")[1])
        return found

    def until(self, seen: Callable[[], Any], seconds: float = 30.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := seen()):
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            assert self.process is None or self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        return found

    def silence(self, word: str) -> None:
        code, said = self.run("silence", "add", f"component={word}", "--for", "1h", "--because", word)
        assert code == 0, said

    @contextlib.contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(
            sqlite3.connect(self.state / "gadfly.db", isolation_level=None)
        ) as connection:
            yield connection

    def clone(self, folder: Path) -> Path:
        shutil.copytree(self.state, folder)
        return folder

    def restore(self, folder: Path) -> None:
        shutil.rmtree(self.state)
        shutil.copytree(folder, self.state)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[[str], Machine]]:
    made: list[Machine] = []

    def make(name: str) -> Machine:
        folder = tmp_path / name
        folder.mkdir()
        made.append(Machine(folder, name))
        return made[-1]

    yield make
    for one in made:
        one.end(signal.SIGKILL)


@pytest.fixture
def pair(machine: Callable[[str], Machine]) -> tuple[Machine, Machine]:
    """North, with some history, and south, which witnesses it. Both run."""
    north, south = machine("north"), machine("south")
    north.more = (
        f'[ledger]\nask = "500ms"\n[[ledger.witnesses]]\nurl = "{south.url}/ledger/witness"\n'
        f'key = "{south.witness_key}"\n'
    )
    south.more = f'[witness.north]\nkey = "{north.key}"\n'
    south.start()
    north.start()
    for word in ("one", "two", "three"):
        north.silence(word)
    assert north.standing()["witnesses"][0]["standing"] == "cosigned"
    return north, south


def newest(machine: Machine) -> Checkpoint:
    with machine.open() as connection:
        found = log.latest(connection)
    assert found is not None
    return found


def test_what_is_sound_is_cosigned_and_verifies(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    code, said = north.run("ledger", "verify", "--key", north.key, "--needed", "1")
    assert code == 0, said
    assert said.startswith("sound: ")
    assert south.standing()["witnessed"][0]["origin"] == north.identity.origin
    assert north.run("ledger", "witness")[0] == 0
    receipt = str(north.folder / "receipt")
    entry = json.loads(north.run("ledger", "tail", "--about", "component:one", "--json")[1])
    assert north.run("ledger", "prove", str(entry["index"]), "-o", receipt)[0] == 0
    trusted = ("--key", north.key, "--witness", south.witness_key, "--needed", "1")
    code, said = north.run("ledger", "verify", receipt, *trusted)
    assert code == 0, said
    assert "silenced component=one" in said
    exported = str(north.folder / "exported")
    assert north.run("ledger", "export", exported)[0] == 0
    code, said = north.run("ledger", "verify", exported, *trusted)
    assert code == 0, said


CHANGES = {
    "an entry": "UPDATE ledger_entry SET body = CAST(replace(CAST(body AS TEXT), 'two', 'tww') AS BLOB)"
    " WHERE CAST(body AS TEXT) LIKE '%two%'",
    "a time": "UPDATE ledger_entry SET"
    " body = CAST(replace(CAST(body AS TEXT), '\"20', '\"19') AS BLOB) WHERE id = 1",
    "a checkpoint": "UPDATE ledger_checkpoint SET note = replace(note, 'gadfly/', 'gadfly/x')",
    "a peak": "UPDATE ledger_checkpoint SET peaks = zeroblob(length(peaks))",
    "a cosignature": "UPDATE ledger_cosignature SET line = replace(line, 'A', 'B')",
    "a subject": "UPDATE ledger_about SET subject = 'component:else' WHERE subject = 'component:two'",
}


def test_l1_whatever_is_changed_in_the_database_is_found(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    north.end()
    clean = north.clone(north.folder / "clean")
    trusted = ("--key", north.key, "--witness", south.witness_key)
    assert north.run("ledger", "verify", str(north.state), *trusted)[0] == 0
    for name, change in CHANGES.items():
        with north.open() as connection:
            assert connection.execute(change).rowcount > 0, name
        code, said = north.run("ledger", "verify", str(north.state), *trusted)
        assert (code, "NOT SOUND" in said) == (2, True), f"{name}: {said}"
        north.restore(clean)


def test_l2_an_older_copy_is_found_by_the_node_or_by_its_witness(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    north.end()
    older = north.clone(north.folder / "older")
    north.start()
    for word in ("four", "five"):
        north.silence(word)
    assert north.standing()["witnesses"][0]["standing"] == "cosigned"
    seen = north.folder / "seen"
    seen.write_text(str(newest(north)))
    north.end()
    # The database alone: the checkpoint beside it is newer.
    shutil.copy(older / "gadfly.db", north.state / "gadfly.db")
    north.start()
    assert "The ledger was cut" in north.standing()["trouble"]
    assert "The ledger was cut" in north.run("status")[1]
    assert north.run("ledger", "witness")[0] == 2
    north.end()
    # The whole folder: nothing here is newer, but the witness knows.
    north.restore(older)
    north.start()
    one = north.standing()["witnesses"][0]
    assert one["standing"] == "ahead", one
    assert "older copy" in one["words"]
    assert "older copy" in north.run("status")[1]
    # And so does whoever kept a message.
    code, said = north.run("ledger", "verify", "--key", north.key, "--known", str(seen))
    assert code == 2, said
    assert "cut" in said
    assert south.standing()["witnessed"][0]["size"] > newest(north).size - 1


def rewrite(machine: Machine) -> None:
    """Another history in place of the stored one, hashed and signed as it should be, with the right key."""
    with machine.open() as connection:
        history = [entry for _, entry, _ in log.read(connection, 0, 10_000)]
        connection.execute("BEGIN")
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
        ledger = machine.log
        for entry in history:
            if entry.body.get("reason") == "two":
                entry = Entry(
                    kind=entry.kind,
                    who=entry.who,
                    about=entry.about,
                    body={**entry.body, "reason": "as it should have been"},
                    at=entry.at,
                )
            ledger.append(connection, [entry])
        made = ledger.checkpoint(connection)
        connection.execute("COMMIT")
    assert made is not None
    anchor.keep(machine.state, made)


def test_l3_a_rewritten_history_is_found_by_the_witness_and_by_nothing_else(
    pair: tuple[Machine, Machine],
) -> None:
    north, south = pair
    north.end()
    seen = north.folder / "seen"
    seen.write_text(str(newest(north)))
    rewrite(north)
    # Here all fits: the key is the right one. This is what a ledger without a witness cannot show.
    assert north.run("ledger", "verify", str(north.state), "--key", north.key)[0] == 0
    assert north.run("ledger", "verify", str(north.state), "--key", north.key, "--known", str(seen))[0] == 2
    needed = ("--key", north.key, "--witness", south.witness_key, "--needed", "1")
    assert north.run("ledger", "verify", str(north.state), *needed)[0] == 2
    north.start()
    one = north.standing()["witnesses"][0]
    assert one["standing"] == "contradicted", one
    assert north.run("ledger", "witness")[0] == 2
    told = south.standing()
    assert {one["origin"] for one in told["conflicts"]} == {north.identity.origin}
    assert south.run("ledger", "witness")[0] == 2
    south.until(lambda: "no intent explains" in south.run("ledger", "tail", "--kind", "unexplained")[1])
    # Said once, however often it is asked: an entry that brings another one would never end.
    time.sleep(2)
    said = north.run("ledger", "tail", "--kind", "unexplained", "--json")[1].splitlines()
    assert [json.loads(line)["body"]["event"] for line in said] == ["contradicted"]


def test_l4_two_views_of_one_ledger_meet_at_the_witness_and_in_a_mailbox(
    pair: tuple[Machine, Machine], machine: Callable[[str], Machine]
) -> None:
    north, _ = pair
    north.end()
    other = machine("other")
    shutil.rmtree(other.state)
    north.clone(other.state)
    other.identity, other.name, other.more = north.identity, "north", north.more
    north.start()
    north.silence("shown to the owner")
    seen = north.folder / "mail"
    seen.write_text(f"Some words of a message.\n\n-- \n{newest(north)}")
    north.standing()
    other.start()
    other.silence("shown to the auditor")
    assert other.standing()["witnesses"][0]["standing"] in ("ahead", "contradicted")
    code, said = other.run("ledger", "verify", "--key", north.key, "--known", str(seen))
    assert code == 2, said
    code, said = north.run("ledger", "verify", "--key", north.key, "--known", str(seen))
    assert code == 0, said


def test_l5_an_entry_that_was_put_in_later_is_found_by_its_time(pair: tuple[Machine, Machine]) -> None:
    north, south = pair
    north.end()
    with north.open() as connection:
        (_, first, _), *_ = log.read(connection, 0, 1)
        connection.execute("BEGIN")
        backdated = Entry(kind="approval", who="person:boss", body={"what": "approved"}, at=first.at - 3600)
        north.log.append(connection, [backdated])
        north.log.checkpoint(connection)
        connection.execute("COMMIT")
    trusted = ("--key", north.key, "--witness", south.witness_key)
    code, said = north.run("ledger", "verify", str(north.state), *trusted)
    assert code == 2, said
    assert "back-dated" in said


def test_what_was_answered_is_in_the_ledger_after_kill_9(pair: tuple[Machine, Machine]) -> None:
    north, _ = pair
    for word in ("four", "five", "six"):
        north.silence(word)
        north.end(signal.SIGKILL)
        north.start()
        told = north.run("ledger", "tail", "-n", "100")[1]
        assert f"silenced component={word}" in told
        assert f"component={word}" in north.run("silence", "list")[1]
        assert "it crashed or was killed" in told
    code, said = north.run("ledger", "verify", "--key", north.key)
    assert code == 0, said
    assert north.standing()["witnesses"][0]["standing"] == "cosigned"
