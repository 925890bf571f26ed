"""Takes docs/page.png: a node on loopback, a made-up fleet that really beats, some of it broken, Chromium.

The fleet is one process that sends the heartbeats of some two hundred names and stops for a few of them. All
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
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from gadfly.telemetry.frame import STATUSES, Frame, Kind, component_id, encode

OUT = Path(__file__).parent.parent / "docs" / "page.png"
SIZE = {"width": 1280, "height": 800}
EVERY = 1.0
SEEN_FOR = 25.0

TEAMS = ("checkout", "search", "billing", "media", "edge", "mail", "ledger", "stock")
DEAD = frozenset({"media-worker-07", "media-worker-08", "mail-relay-03"})
WARNING = frozenset({"search-index-02"})

CATALOGUE = """
[node]
name = "north"
listen = "127.0.0.1:{page}"
state = "{folder}/state"
[heartbeat]
groups = ["239.192.71.70:{beats}"]
[owner.platform]
contact = ["exec:/bin/true"]
[component.card-gateway]
owner = "platform"
probe.tcp = {{ address = "127.0.0.1:{page}", every = "1s" }}
[component.shop-front]
owner = "platform"
beats = "1s"
needs = ["card-gateway", "search-index-02"]
because = "No shop, no orders."
probe.http = {{ url = "http://127.0.0.1:{page}/no-such-page", every = "1s" }}
[component.nightly-backup]
kind = "job"
owner = "platform"
schedule = "0 2 * * * Europe/Berlin"
"""


def names() -> Iterator[tuple[str, str, str]]:
    """Name, team and host of each member of the fleet."""
    kinds = ("api", "worker", "index", "cache", "relay")
    for place, (team, kind, number) in enumerate(itertools.product(TEAMS, kinds, range(1, 10))):
        if (number + len(kind) + len(team)) % 3:
            yield f"{team}-{kind}-{number:02}", team, f"rack{place % 4}-host{place % 17:02}"
    yield "shop-front", "checkout", "rack0-host00"


class Fleet(threading.Thread):
    """Beats for everybody each second; from `break_at` on, no more for the dead."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.broken = threading.Event()
        self.ended = threading.Event()

    def run(self) -> None:
        started = time.time_ns()
        members = list(names())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.connect(("127.0.0.1", self.port))
            for sequence in itertools.count():
                for name, team, host in members:
                    if name in DEAD and self.broken.is_set():
                        continue
                    word = "warn" if name in WARNING and self.broken.is_set() else "pass"
                    card = {"name": name, "kind": "service", "host": host, "group": team, "owner": "platform"}
                    first = sequence % 20 == 0
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
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gadfly.toml"
        file.write_text(CATALOGUE.format(page=page, beats=beats, folder=folder))
        command = [sys.executable, "-m", "gadfly", "up", "--quiet", "--config", str(file)]
        node = subprocess.Popen(command, env={**os.environ, "GADFLY_RUN": f"{folder}/run"})
        fleet = Fleet(beats)
        try:
            wait_for(f"http://127.0.0.1:{page}/readyz", 20)
            fleet.start()
            time.sleep(SEEN_FOR / 2)
            fleet.broken.set()
            time.sleep(SEEN_FOR / 2)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                window = browser.new_page(viewport=SIZE)
                window.goto(f"http://127.0.0.1:{page}/")
                window.wait_for_timeout(3000)
                window.screenshot(path=OUT)
                browser.close()
        finally:
            fleet.ended.set()
            node.terminate()
            node.wait(20)
    print(f"wrote {OUT.name}, {OUT.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
