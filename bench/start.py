"""How soon gadfly is there and how little it costs to have it: start, idle, the command line, the client's import.

Everything runs on loopback in a folder of its own. Beside it, in the same run, Prometheus and Alertmanager as
Debian packages them, which watch nothing but themselves, as the node watches nothing but its own host.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import usage
from report import Report, arguments, quantile

GADFLY = str(Path(sys.executable).with_name("gadfly"))
READY = 30.0
"""Seconds after which a program counts as not starting at all."""
IMPORT = "import time; t = time.perf_counter(); from gadfly import Heart; print(time.perf_counter() - t)"


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Whether GET answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Program:
    """A program under measurement: started, waited for, weighed, ended."""

    def __init__(self, command: Sequence[str], folder: Path, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._log = (folder / "log").open("ab")
        environment = os.environ | {"GADFLY_RUN": str(folder / "run"), "HOME": str(folder)}
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._log_path = folder / "log"

    def ready(self) -> float:
        """Seconds from the start to the first 200."""
        while not answers(self._port, self._path):
            if self.process.poll() is not None or time.monotonic() - self._began > READY:
                said = self._log_path.read_text("utf-8", "replace")[-2000:]
                raise RuntimeError(f"{self.process.args!r} did not get ready; it said:\n{said}")
            time.sleep(0.005)
        return time.monotonic() - self._began

    def family(self) -> list[int]:
        return usage.family(self.process.pid)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self._log.close()


@contextlib.contextmanager
def gadfly(folder: Path) -> Iterator[tuple[Program, str]]:
    """A node with the host's own beat and nothing else; the program and its address."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        beats = one.getsockname()[1]
    (folder / "gadfly.toml").write_text(
        f'[node]\nlisten = "127.0.0.1:{port}"\nstate = "{folder}/state"\npreset = "local"\n'
        f'[heartbeat]\ngroups = ["239.192.71.70:{beats}"]\n'
    )
    program = Program(
        [GADFLY, "up", "--quiet", "--config", str(folder / "gadfly.toml")], folder, port, "/readyz"
    )
    try:
        yield program, f"http://127.0.0.1:{port}"
    finally:
        program.close()


@contextlib.contextmanager
def prometheus(folder: Path) -> Iterator[Program]:
    """A Prometheus that scrapes itself every 15 s, as Debian's does."""
    folder.mkdir(parents=True)
    port = free_port()
    targets = [{"job_name": "self", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]
    (folder / "p.yml").write_text(
        json.dumps({"global": {"scrape_interval": "15s"}, "scrape_configs": targets})
    )
    command = ["prometheus", "--config.file=p.yml", f"--storage.tsdb.path={folder}/series"]
    program = Program([*command, f"--web.listen-address=127.0.0.1:{port}"], folder, port, "/-/ready")
    try:
        yield program
    finally:
        program.close()


@contextlib.contextmanager
def alertmanager(folder: Path) -> Iterator[Program]:
    """An Alertmanager with one receiver and no peers."""
    folder.mkdir(parents=True)
    port = free_port()
    (folder / "a.yml").write_text(
        json.dumps({"route": {"receiver": "none"}, "receivers": [{"name": "none"}]})
    )
    command = ["prometheus-alertmanager", "--config.file=a.yml", f"--storage.path={folder}/alerts"]
    command += ["--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{port}"]
    program = Program(command, folder, port, "/-/ready")
    try:
        yield program
    finally:
        program.close()


def starts(folder: Path, times: int) -> tuple[list[float], list[float]]:
    """Seconds to readiness of `times` nodes, each with a state of its own; and the CPU seconds they took."""
    found, spent = [], []
    for number in range(times):
        with gadfly(folder / f"start-{number}") as (program, _):
            found.append(program.ready())
            spent.append(usage.cpu_seconds(program.family()))
    return found, spent


def idle(families: dict[str, list[int]], seconds: float) -> dict[str, float]:
    """The share of a core that each family of processes used meanwhile."""
    before = {name: usage.cpu_seconds(pids) for name, pids in families.items()}
    began = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    return {name: (usage.cpu_seconds(pids) - before[name]) / passed for name, pids in families.items()}


def status(url: str, times: int) -> list[float]:
    """Seconds of `gadfly status`, a process each, from exec to exit."""
    found = []
    environment = os.environ | {"GADFLY_NODE": url}
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([GADFLY, "status"], env=environment, check=False, stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - began)
    return found


def imports(times: int) -> list[float]:
    """Seconds of `from gadfly import Heart` in fresh interpreters."""
    return [
        float(subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True).stdout)
        for _ in range(times)
    ]


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("start", quick=args.quick)
    folder = Path(tempfile.mkdtemp(prefix="gadfly-bench-start-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    times, seconds = (2, 3.0) if args.quick else (5, 20.0)
    peers = [name for name in ("prometheus", "prometheus-alertmanager") if not shutil.which(name)]
    try:
        # The first start compiles modules where that was not done at installation; it is told, not counted.
        (first,), _ = starts(folder / "first", 1)
        load = os.getloadavg()[0]
        ready, spent = starts(folder / "starts", times)
        imported = imports(5 if args.quick else 20)
        with contextlib.ExitStack() as stack:
            node, url = stack.enter_context(gadfly(folder / "idle"))
            node.ready()
            programs = {"gadfly": node}
            began: dict[str, float] = {}
            if not peers:
                programs["prometheus"] = stack.enter_context(prometheus(folder / "prometheus"))
                began["prometheus"] = programs["prometheus"].ready()
                programs["alertmanager"] = stack.enter_context(alertmanager(folder / "alertmanager"))
                began["alertmanager"] = programs["alertmanager"].ready()
            time.sleep(1 if args.quick else 5)
            families = {name: program.family() for name, program in programs.items()}
            cores = idle(families, seconds)
            memory = {name: usage.proportional_bytes(pids) / 1e6 for name, pids in families.items()}
            asked = status(url, 5 if args.quick else 20)
        began["gadfly"] = quantile(ready, 0.5)
        rows = [
            (name, began[name], cores[name] * 100, memory[name], len(families[name])) for name in families
        ]
        report.table(("program", "ready s", "idle % of a core", "PSS MB", "processes"), rows)
        report.say(f"\nstarts of gadfly: first {first:.2f} s, then " + ", ".join(f"{t:.2f}" for t in ready))
        report.say(
            f"CPU seconds of a start: {quantile(spent, 0.5):.2f}; load of the machine before: {load:.1f}"
        )
        for name in families:
            if name != "gadfly":
                report.peers[name] = {
                    "ready_s": began[name],
                    "idle_cores": cores[name],
                    "pss_mb": memory[name],
                }
        if peers:
            report.say(f"not installed, so not compared: {', '.join(peers)}")
        report.figures = {
            "first_start_s": first,
            "ready_s": ready,
            "start_cpu_s": spent,
            "load_before": load,
            "status_s": asked,
            "import_s": imported,
        }
        report.at_most("ready, median", 1.5, quantile(ready, 0.5), "s")
        report.at_most("idle, node and ear", 1.0, cores["gadfly"] * 100, "% of a core")
        report.at_most("memory (PSS), node and ear", 150, memory["gadfly"], "MB")
        report.at_most("gadfly status, median", 150, quantile(asked, 0.5) * 1000, "ms")
        report.at_most("client import, median", 15, quantile(imported, 0.5) * 1000, "ms")
        report.finish()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
