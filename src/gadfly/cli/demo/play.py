"""The demo's play: a private node, a small fleet, and six things that go wrong."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gadfly.cli.demo import telling
from gadfly.cli.demo.catalogue import TEMPLATE, free_ports
from gadfly.cli.demo.events import Event, Observer, Postbox
from gadfly.cli.demo.processes import Processes
from gadfly.cli.demo.telling import Breakage
from gadfly.cli.node import Node
from gadfly.errors import NodeUnreachable, Refused

START = 15.0
"""Seconds the node, then the fleet, may take to be there; a slow machine needs some."""
PATIENCE = 10.0
"""Seconds after which a breakage counts as not seen, or a mending as failed."""
HOLD = 0.3
"""Events are held back so long before they are printed, so that they come in their order."""
REPORT_EVERY = 4.0

PROGRAMS = "gadfly.cli.demo.programs"
SERVICES = ("checkout", "payments", "search")


class Play:
    """One performance. `run()` plays it; `end()` leaves no process behind, however far it came."""

    def __init__(self, folder: Path, total: int, paint: telling.Paint) -> None:
        self._total, self._paint = total, paint
        self._events: queue.Queue[Event] = queue.Queue()
        self._held: list[Event] = []
        self._postbox = Postbox(self._events)
        page, *ports = free_ports(4)
        self._ports = dict(zip(SERVICES, ports, strict=True))
        config = folder / "gadfly.toml"
        beats = free_ports(1, socket.SOCK_DGRAM)[0]
        values = {"page": page, "beats": beats, "hook": self._postbox.port, "state": folder / "state"}
        config.write_text(TEMPLATE.format(**values, **self._ports))
        environment = {"GADFLY_RUN": str(folder), "GADFLY_TO": f"127.0.0.1:{beats}", "GADFLY_KEY": ""}
        self._processes = Processes(folder, environment)
        self._config, self._run = config, folder / "node.json"
        self._node = Node(f"http://127.0.0.1:{page}", timeout=5.0)
        self._began = time.time()
        self._since = self._began
        self._breakages: list[Breakage] = []
        self._verdicts: dict[str, str] = {}
        self._false = 0
        self._next_report: float | None = None
        self._report_code = 0

    def run(self) -> int:
        """Play it all; 0 when the node saw everything and said nothing that was not so."""
        self._fleet()
        self._open()
        self._killed()
        self._hung()
        self._sick()
        self._stalled()
        self._job_fails()
        self._job_late()
        self._settle(1.0)
        self._say("")
        for text in telling.summary(self._breakages, self._false, self._paint):
            self._say(text)
        return 0 if not self._false and all(b.known for b in self._breakages) else 1

    def end(self) -> None:
        """End every process that the play started."""
        self._processes.end()
        self._postbox.close()

    def page(self) -> str:
        """The page's address; on a terminal, not in a log, with the token of this node."""
        return f"{self._node.url}/" + (f"#token={self._node.token}" if sys.stdout.isatty() else "")

    def wait(self) -> None:
        """Keep on telling what is seen, until interrupted."""
        while True:
            self._pump(1.0)

    # --- the acts ------------------------------------------------------------------------------------------

    def _fleet(self) -> None:
        """The services first: what is declared and not there when the node starts is down."""
        self._say("3 services, a worker, 2 jobs and a node of their own start on this machine.")
        for name in SERVICES:
            self._serve(name)
        self._processes.start("mailer", f"{PROGRAMS}.worker", "mailer")
        self._until(lambda: all(map(_listening, self._ports.values())), START, "the fleet did not start")

    def _open(self) -> None:
        self._since = time.time()
        self._processes.start("node", "gadfly", "up", "--config", str(self._config), "--quiet")
        self._until(self._ready, START, "the node did not start")
        self._held.append(Event(time.time(), "", "deed", "the node is ready"))
        self._say(f"The page: {self._paint(self.page(), 'link')}")
        self._title(0, "The node listens", "gadfly up", self._since)
        Observer(self._node, self._events).start()
        importing = ("gadfly", "exec", "import", "--owner", "shop")
        self._processes.start("import", *importing, "--", "sh", "-c", "sleep 1; echo 1200 rows")
        self._report(time.time())
        everything = (*SERVICES, "mailer", "report", "import")
        self._until(lambda: all(self._verdicts.get(name) in telling.WELL for name in everything), START)

    def _ready(self) -> bool:
        if (code := self._processes.code("node")) is not None:
            said = " / ".join(self._processes.log("node")[-3:])
            raise NodeUnreachable(f"the demo's node ended with exit code {code}: {said or 'it said nothing'}")
        try:
            if not self._node.get("summary")["ready"]:
                return False
            self._node.token = str(json.loads(self._run.read_text())["token"])
        except (NodeUnreachable, Refused, FileNotFoundError):
            return False
        return True

    def _killed(self) -> None:
        self._title(1, "A service is killed", "kill -KILL checkout")
        pid = self._broken("checkout", "killed", lambda: self._processes.signal("checkout", signal.SIGKILL))
        self._mended(pid, "started again", lambda: self._serve("checkout"))

    def _hung(self) -> None:
        self._title(2, "A service hangs: its process is there, and does nothing", "kill -STOP search")
        broken = self._broken("search", "stopped", lambda: self._processes.signal("search", signal.SIGSTOP))
        self._mended(broken, "continued", lambda: self._processes.signal("search", signal.SIGCONT))

    def _sick(self) -> None:
        self._title(3, "A service runs and beats, but cannot serve", "/healthz answers 503")
        broken = self._broken("payments", "answers 503", lambda: self._toggle("payments"))
        self._mended(broken, "answers 200", lambda: self._toggle("payments"))

    def _stalled(self) -> None:
        self._title(4, "A worker lives, but its work stands still", "no progress in mailer")
        broken = self._broken("mailer", "makes no progress", lambda: self._toggle("mailer"))
        self._mended(broken, "works again", lambda: self._toggle("mailer"))

    def _job_fails(self) -> None:
        self._title(5, "A job fails", "gadfly exec report -- …; exit 1")
        self._report_code = 1
        broken = self._broken("report", "exits with 1", lambda: self._report(time.time()))
        self._report_code = 0
        self._mended(broken, "runs, exits with 0", lambda: self._report(time.time()))

    def _job_late(self) -> None:
        self._title(6, "A job does not run: nobody notices what does not happen", "cron is off")

        def off() -> None:
            self._next_report = None

        broken = self._broken("report", "does not start", off)
        self._mended(broken, "cron is on, it runs", lambda: self._report(time.time()))

    # --- how an act goes -----------------------------------------------------------------------------------

    def _title(self, number: int, title: str, command: str, since: float | None = None) -> None:
        self._settle(0.6)
        self._since = since or time.time()
        self._say("")
        self._say(telling.heading(number, title, command, self._total, self._paint))

    def _broken(self, component: str, what: str, do: Callable[[], object]) -> Breakage:
        """Break it, and wait until the node has seen it and somebody has been told."""
        self._since = time.time()
        breakage = Breakage(component, what, self._since)
        self._breakages.append(breakage)
        do()
        self._until(lambda: breakage.known is not None and breakage.told is not None, PATIENCE)
        return breakage

    def _mended(self, breakage: Breakage, what: str, do: Callable[[], object]) -> None:
        """Mend it, and wait until the node has seen it, and told it once it had lasted."""
        self._settle(HOLD)
        do()
        breakage.mended = time.time()
        self._held.append(Event(breakage.mended, breakage.component, "deed", what))
        self._until(lambda: breakage.well is not None and breakage.closed, PATIENCE)

    def _toggle(self, name: str) -> None:
        self._processes.signal(name, signal.SIGUSR1)

    def _serve(self, name: str) -> None:
        self._processes.start(name, f"{PROGRAMS}.service", name, str(self._ports[name]))

    def _report(self, now: float) -> None:
        """What cron would do: run the job, and the next time again."""
        said = (
            f"echo {'no space left on device' if self._report_code else '48 pages'}; exit {self._report_code}"
        )
        self._processes.start("report", "gadfly", "exec", "report", "--", "sh", "-c", said)
        self._next_report = now + REPORT_EVERY

    # --- time passes ---------------------------------------------------------------------------------------

    def _until(self, true: Callable[[], bool], patience: float, otherwise: str = "") -> bool:
        """Let time pass until something is true; False, or an error with these words, when it never is."""
        end = time.monotonic() + patience
        while not true():
            if time.monotonic() > end:
                if otherwise:
                    raise NodeUnreachable(f"{otherwise} within {patience:g} s")
                return False
            self._pump(0.05)
        return True

    def _settle(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._pump(min(0.05, left))

    def _pump(self, seconds: float) -> None:
        """Take what was seen, tell what is old enough to be told in order, and run what cron would run."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                self._take(self._events.get(timeout=min(left, 0.05)))
            now = time.time()
            self._held.sort(key=lambda event: event.at)
            while self._held and self._held[0].at < now - HOLD:
                self._tell(self._held.pop(0))
            if self._next_report is not None and now >= self._next_report:
                self._report(now)

    def _take(self, event: Event) -> None:
        if event.what != "unknown" or event.component in self._verdicts:
            self._held.append(event)
        if not event.what.startswith("told"):
            self._verdicts[event.component] = event.what
        breakage = telling.attribute(event, self._breakages)
        if breakage is not None:
            telling.note(event, breakage)
        elif event.what not in (*telling.WELL, *telling.NEUTRAL, "missing"):
            self._false += 1

    def _tell(self, event: Event) -> None:
        breakage = telling.attribute(event, self._breakages)
        since = self._since if breakage is None else breakage.at
        self._say(telling.line(event, since, self._total, self._paint))

    def _say(self, text: str) -> None:
        print(text)
        sys.stdout.flush()


def _listening(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
