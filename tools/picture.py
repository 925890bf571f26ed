"""Takes docs/page.png: a node on loopback, a made-up fleet that really beats, some of it broken, Chromium.

The fleet is one thread that sends the heartbeats of 360 names and stops for those of one host. All
that is started here ends here.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from playwright.sync_api import sync_playwright

from gadfly.telemetry.frame import STATUSES, Frame, Kind, component_id, encode

OUT = Path(__file__).parent.parent / "docs" / "page.png"
SIZE = {"width": 1280, "height": 800}
EVERY = 1.0
SEEN_FOR = 25.0

TEAMS = ("checkout", "search", "billing", "media", "edge", "mail", "ledger", "stock", "fraud", "reports")
KINDS = {"api": 9, "worker": 12, "index": 5, "cache": 6, "relay": 4}
DEAD_HOST = "rack2-host07"
DEAD = frozenset({"mail-relay-03"})
WARNING = frozenset({"search-index-02", "search-index-04", "edge-cache-05"})
FRONT = "shop-front"

SETTINGS = """
[node]
name = "north"
listen = "127.0.0.1:{page}"
state = "{folder}/state"
[heartbeat]
groups = ["239.192.71.70:{beats}"]
[mail]
server = "127.0.0.1:{mail}"
sender = "gadfly@example.org"
[owner.platform]
contact = ["mailto:platform@example.org"]
[owner.payments]
contact = ["mailto:payments@example.org"]
owner = "platform"
[component.{front}]
owner = "payments"
group = "checkout"
beats = "1s"
needs = ["checkout-api-01", "search-index-02"]
because = "No shop, no orders."
probe.http = {{ url = "http://127.0.0.1:{page}/no-such-page", every = "1s" }}
[component.label-printer]
kind = "device"
group = "stock"
owner = "platform"
beats = "1s"
[component.nightly-backup]
kind = "job"
group = "ledger"
owner = "platform"
schedule = "0 2 * * * Europe/Berlin"
"""


class Member(NamedTuple):
    """One of the fleet."""

    name: str
    team: str
    host: str

    @property
    def owner(self) -> str:
        return "payments" if self.team in ("checkout", "billing", "fraud") else "platform"


def fleet() -> list[Member]:
    """Everybody who beats."""
    members = []
    for team, (kind, many) in itertools.product(TEAMS, KINDS.items()):
        for number in range(1, many + 1):
            place = len(members)
            members.append(Member(f"{team}-{kind}-{number:02}", team, f"rack{place % 4}-host{place % 23:02}"))
    return members


def catalogue(members: list[Member], **values: object) -> str:
    """The settings above, and everybody declared."""
    entries = [
        f'[component.{one.name}]\nowner = "{one.owner}"\ngroup = "{one.team}"\nbeats = "1s"\n'
        for one in members
    ]
    return SETTINGS.format(front=FRONT, **values) + "".join(entries)


class Fleet(threading.Thread):
    """Beats for everybody each second; from `break_at` on, no more for the dead."""

    def __init__(self, members: list[Member], port: int) -> None:
        super().__init__(daemon=True)
        self.members = [*members, Member(FRONT, "checkout", "rack0-host00")]
        self.port = port
        self.broken = threading.Event()
        self.ended = threading.Event()

    def run(self) -> None:
        started = time.time_ns()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.connect(("127.0.0.1", self.port))
            broken = False
            for sequence in itertools.count():
                was, broken = broken, self.broken.is_set()
                for name, team, host in self.members:
                    if broken and (name in DEAD or host == DEAD_HOST):
                        continue
                    word = "warn" if broken and name in WARNING else "pass"
                    card = {"name": name, "kind": "service", "host": host, "group": team}
                    first = sequence % 20 == 0 or was != broken
                    frame = Frame(
                        kind=Kind.announce if first else Kind.beat,
                        key_id=0,
                        component=component_id(name),
                        incarnation=started,
                        sequence=sequence,
                        sent=time.time_ns(),
                        interval_ms=int(EVERY * 1000),
                        status=STATUSES.index(word),
                        payload=json.dumps(card).encode() if first else b"",
                    )
                    with contextlib.suppress(ConnectionRefusedError):
                        out.send(encode(frame, None))
                if self.ended.wait(EVERY):
                    return


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def wait_for(url: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own node, on loopback
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is missing; run tools/setup-system")
        return 1
    page, beats = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    members = fleet()
    post = Controller(Sink(), hostname="127.0.0.1", port=free_port(socket.SOCK_STREAM))
    post.start()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gadfly.toml"
        file.write_text(catalogue(members, page=page, beats=beats, mail=post.port, folder=folder))
        command = [sys.executable, "-m", "gadfly", "up", "--quiet", "--config", str(file)]
        node = subprocess.Popen(command, env={**os.environ, "GADFLY_RUN": f"{folder}/run"})
        beating = Fleet(members, beats)
        try:
            wait_for(f"http://127.0.0.1:{page}/readyz", 20)
            beating.start()
            time.sleep(SEEN_FOR / 2)
            beating.broken.set()
            time.sleep(SEEN_FOR / 2)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                window = browser.new_page(viewport=SIZE)
                window.goto(f"http://127.0.0.1:{page}/")
                window.wait_for_timeout(3000)
                window.screenshot(path=OUT)
                browser.close()
        finally:
            beating.ended.set()
            node.terminate()
            node.wait(20)
            post.stop()
    print(f"wrote {OUT.name}, {OUT.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
