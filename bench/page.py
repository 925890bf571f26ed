"""The page with 100,000 components in real Chromium: its weight, its first picture, its updates, 100 watchers.

A real node hears 100,000 components on loopback; each announces itself once, at an interval that outlasts the
run. An update is a hundred of them saying goodbye (or being back, in a new incarnation) in real datagrams; it is
over when the browser has painted the grid and the counts with it. Times are wall times of one machine: the datagram's from
this process, the painting's from the page.

No package in Debian draws such a page without an account, so there is no peer to stand beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import usage
from gadfly.instrument.card import fit
from gadfly.telemetry.frame import STATUSES, Frame, Kind, component_id, encode
from report import Report, arguments, quantile

GADFLY = str(Path(sys.executable).with_name("gadfly"))
CHROMIUM = "/usr/bin/chromium"
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
INTERVAL_MS = 1_800_000
BATCH = 100
PAUSE = 0.35
"""Between updates: longer than one may take, so that each is seen alone."""

# Notes every painting of the grid: when the frame was over, and the counts that stood there then.
PAINTED = """(() => {
  window.painted = [];
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    put.apply(this, given);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => painted.push([performance.now(), performance.timeOrigin + performance.now(),
        document.getElementById("counts").textContent]);
      channel.port2.postMessage(0);
    });
  };
})()"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Fleet:
    """Components that exist only as datagrams."""

    def __init__(self, size: int, port: int) -> None:
        self.names = [f"{('api', 'auth', 'db', 'edge', 'mail')[n % 5]}-{n:06d}" for n in range(size)]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._started = time.time_ns()
        self._sequence = 0

    def _frame(self, name: str, kind: Kind, payload: bytes = b"") -> bytes:
        frame = Frame(
            kind=kind,
            key_id=0,
            component=component_id(name),
            incarnation=self._started,
            sequence=self._sequence,
            sent=time.time_ns(),
            interval_ms=INTERVAL_MS,
            status=STATUSES.index("pass"),
            payload=payload,
        )
        return encode(frame, None)

    def announce(self, rate: int = 20_000) -> None:
        """Everybody says who they are, not faster than the rate."""
        self._sequence += 1
        began = time.monotonic()
        for n, name in enumerate(self.names):
            with contextlib.suppress(ConnectionRefusedError):
                self._socket.send(self._announce(n, name))
            if n % 100 == 0 and (ahead := began + n / rate - time.monotonic()) > 0:
                time.sleep(ahead)

    def _announce(self, n: int, name: str) -> bytes:
        about = {
            "name": name,
            "kind": "service",
            "group": name.partition("-")[0],
            "host": f"node-{n // 40:04d}",
        }
        return self._frame(name, Kind.announce, fit(about))

    def leave(self, first: int) -> None:
        """A hundred say goodbye."""
        self._sequence += 1
        for name in self.names[first : first + BATCH]:
            self._socket.send(self._frame(name, Kind.goodbye))

    def return_(self, first: int) -> None:
        """They are back: programs started anew."""
        self._sequence += 1
        self._started = time.time_ns()
        for n in range(first, first + BATCH):
            self._socket.send(self._announce(n, self.names[n]))

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def node(folder: Path, port: int, udp: int) -> Iterator[subprocess.Popen[bytes]]:
    """`gadfly up` on loopback, with a state of its own."""
    (folder / "gadfly.toml").write_text(
        f'[node]\nname = "bench"\nlisten = "127.0.0.1:{port}"\nstate = "{folder}/state"\nwatch_host = false\n'
        f'[heartbeat]\ngroups = ["239.192.71.70:{udp}"]\n'
    )
    environment = os.environ | {"GADFLY_RUN": str(folder / "run"), "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [GADFLY, "up", "--config", str(folder / "gadfly.toml"), "--quiet"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def wait_until(what: str, done: Callable[[], bool], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        with contextlib.suppress(OSError):
            if done():
                return
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {timeout:g} s: {what}")
        time.sleep(0.1)


async def watch(url: str, count: int) -> None:
    """Hold so many streams until standard input ends; then tell what came over them."""
    host, port = url.removeprefix("http://").rstrip("/").split(":")
    everybody = asyncio.Event()
    told = {"open": 0, "bytes": 0, "changes": 0, "resyncs": 0, "lost": 0}
    last: dict[int, int] = {}

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"event: hello")
        told["open"] += 1
        if told["open"] == count:
            everybody.set()
        try:
            while line := await reader.readline():
                told["bytes"] += len(line)
                told["changes"] += line == b"event: change\n"
                told["resyncs"] += line == b"event: resync\n"
                if line.startswith(b"id: "):
                    last[number] = int(line[4:])
        except OSError:
            pass
        told["lost"] += 1

    tasks = [asyncio.create_task(one(n)) for n in range(count)]
    await everybody.wait()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps({**told, "versions": sorted(set(last.values()))}), flush=True)


@contextlib.contextmanager
def watchers(url: str, count: int) -> Iterator[Callable[[], dict[str, Any]]]:
    """So many watchers in a process of their own; call what is given for their account."""
    running = subprocess.Popen(
        [sys.executable, __file__, "--watch", url, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        if running.stdout.readline().strip() != "ready":
            raise SystemExit(f"{count} watchers did not come to be")

        def account() -> dict[str, Any]:
            running.stdin.close()
            return dict(json.loads(running.stdout.readline()))

        yield account
    finally:
        running.kill()
        running.wait()


def until_painted(page: Any, text: str, timeout: float) -> list[Any] | None:
    """The first painting with this text among the counts, later ones being forgotten with it."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for one in page.evaluate("painted.splice(0)"):
            if text in one[2]:
                return list(one)
        page.wait_for_timeout(30)
    return None


def first_pictures(browser: Any, url: str, times: int, total: int) -> tuple[list[float], dict[str, float]]:
    """Milliseconds from opening the page to the first painted grid, with nothing cached; and the page's weight."""
    taken: list[float] = []
    weight = {"wire": 0.0, "plain": 0.0, "requests": 0.0, "data": 0.0}
    for n in range(times):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(PAINTED)
        page = context.new_page()
        protocol = context.new_cdp_session(page)
        protocol.send("Network.enable")
        where: dict[str, str] = {}
        sizes: dict[str, float] = {}
        plain: dict[str, float] = {}
        protocol.on(
            "Network.requestWillBeSent", lambda e, w=where: w.update({e["requestId"]: e["request"]["url"]})
        )
        protocol.on(
            "Network.loadingFinished", lambda e, s=sizes: s.update({e["requestId"]: e["encodedDataLength"]})
        )
        protocol.on(
            "Network.dataReceived",
            lambda e, p=plain: p.update({e["requestId"]: p.get(e["requestId"], 0) + e["dataLength"]}),
        )
        page.goto(url)
        painted = until_painted(page, f"{total:,}", 30)
        if painted is None:
            raise SystemExit("the page drew nothing within 30 s")
        taken.append(painted[0])
        if n == 0:
            page.wait_for_timeout(500)
            own = {id for id, address in where.items() if "/api/" not in address}
            weight = {
                "wire": sum(sizes.get(id, 0) for id in own),
                "plain": sum(plain.get(id, 0) for id in own),
                "requests": float(len(own)),
                "data": sum(size for id, size in sizes.items() if id not in own),
            }
        context.close()
    return taken, weight


def updates(page: Any, fleet: Fleet, times: int) -> tuple[list[float], int]:
    """Milliseconds from the first datagram of each update to its painting; and how many were not seen."""
    taken: list[float] = []
    missed = 0
    gone = 0
    for n in range(times):
        wave, back = divmod(n, 2)
        start = (wave * BATCH * 7) % (len(fleet.names) - BATCH)
        gone += -BATCH if back else BATCH
        page.evaluate("painted.splice(0)")
        sent = time.time()
        if back:
            fleet.return_(start)
        else:
            fleet.leave(start)
        painted = until_painted(page, f"{gone:,} left", 5)
        if painted is None:
            missed += 1
        else:
            taken.append(painted[1] - sent * 1000)
        time.sleep(PAUSE)
    return taken, missed


def run(quick: bool) -> None:
    from playwright.sync_api import sync_playwright

    report = Report("page", quick=quick)
    size = 10_000 if quick else 100_000
    many = 100
    port, udp = free_port(), free_port(socket.SOCK_DGRAM)
    url = f"http://127.0.0.1:{port}/"
    folder = Path(tempfile.mkdtemp(prefix=f"gadfly-page-{os.getpid()}-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        running = stack.enter_context(node(folder, port, udp))
        wait_until("the node is ready", lambda: bool(get(f"{url}readyz")), 30)
        fleet = Fleet(size, udp)
        stack.callback(fleet.close)
        for _ in range(3):
            fleet.announce()
            time.sleep(1.0)
            if get(f"{url}api/v1/summary")["total"] == size:
                break
        wait_until("everybody is in the picture", lambda: get(f"{url}api/v1/summary")["total"] == size, 30)
        report.say(f"a real node (gadfly up) hears {size:,} components")
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS), headless=True)
        stack.callback(browser.close)

        pictures, weight = first_pictures(browser, url, 2 if quick else 15, size)
        before = usage.proportional_bytes(usage.family(running.pid))
        account = stack.enter_context(watchers(url, many))
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(PAINTED)
        page = context.new_page()
        page.goto(url)
        if until_painted(page, f"{size:,}", 30) is None:
            raise SystemExit("the page drew nothing within 30 s")
        time.sleep(2)
        cpu, began = usage.cpu_seconds(usage.family(running.pid)), time.monotonic()
        taken, missed = updates(page, fleet, 8 if quick else 200)
        share = (usage.cpu_seconds(usage.family(running.pid)) - cpu) / (time.monotonic() - began)
        after = usage.proportional_bytes(usage.family(running.pid))
        told = account()

    rows = [
        ("page, as it travels, headers included", weight["wire"] / 1000, None, None, "kB"),
        ("page, unpacked", weight["plain"] / 1000, None, None, "kB"),
        ("data until the first picture", weight["data"] / 1000, None, None, "kB"),
        ("first picture, nothing cached", quantile(pictures, 0.5) / 1000, quantile(pictures, 0.95) / 1000,
         max(pictures) / 1000, "s"),
        (f"update of {BATCH}, datagram to painted", quantile(taken, 0.5), quantile(taken, 0.95),
         max(taken, default=float("nan")), "ms"),
        (f"node and ear with {many} watchers", share, None, None, "core"),
        ("memory that watchers and updates add", (after - before) / 1e6, None, None, "MB"),
    ]  # fmt: skip
    report.table(("", "p50 or all", "p95", "most", "unit"), rows)
    report.say(
        f"{told['open']} watchers: {told['changes']:,} changes, {told['resyncs']} resyncs, "
        f"{told['bytes'] / 1e6:.1f} MB, {told['lost']} cut off, last versions {len(told['versions'])} different"
    )
    report.figures |= {
        "node": "real",
        "components": size,
        "page_bytes": weight,
        "first_picture_ms": pictures,
        "update_ms": {"p50": quantile(taken, 0.5), "p95": quantile(taken, 0.95), "n": len(taken)},
        "watchers": {key: value for key, value in told.items() if key != "versions"},
        "cores": share,
    }
    report.exactly("components on the page", 100_000, size, "")
    report.at_most("page weight on the wire before data", 60, weight["wire"] / 1000, "kB")
    report.at_most("first picture, p95", 1.5, quantile(pictures, 0.95) / 1000, "s")
    report.at_most("update, datagram to painted, p95", 150, quantile(taken, 0.95), "ms")
    report.exactly("updates not seen", 0, missed, "")
    report.at_least("watchers served throughout", many, told["open"] - told["lost"], "")
    report.finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--watch"]:
        asyncio.run(watch(sys.argv[2], int(sys.argv[3])))
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        run(arguments(__doc__.splitlines()[0]).parse_args().quick)
