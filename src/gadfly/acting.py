"""What acts in a running node: the gate and its book, the lease, the executor, and what watches over them.

Everything is off for as long as no automation and no grant is declared: the loops look, and find nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly import __version__
from gadfly.act.action import allow, leftover
from gadfly.act.action.effect import Edge
from gadfly.act.action.keeping import Keeping
from gadfly.act.bypass.side_door import SideDoor
from gadfly.act.calling.countdown import Countdown
from gadfly.act.doubt.belief import Belief
from gadfly.act.doubt.doubts import Doubts
from gadfly.act.engine import Acts
from gadfly.act.executing.board import Board
from gadfly.act.executing.executor import Executor
from gadfly.act.executing.lease_server import LeaseServer
from gadfly.act.mail.letters import Letters
from gadfly.act.owner_load.load_watch import LoadWatch
from gadfly.act.proof.proving import Proving
from gadfly.act.scene import Scene
from gadfly.act.situation import Sight
from gadfly.act.view import PictureView
from gadfly.act_view import ActView
from gadfly.act_view.grants import speaks_for
from gadfly.alert.escalate import spoken_for
from gadfly.config import Config
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger.log import witnessed_at
from gadfly.monitor.subject import Subject
from gadfly.recorder import digest

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

log = logging.getLogger("gadfly.act")

LOOK = 5.0
"""Seconds between looks at the time that a witness vouched for, and at what the kernel dropped."""
MISSED = 60.0
"""Seconds for which a node that missed beats, or stood still, does not trust what it sees enough to act."""
LEASES = "lease.sock"
"""The socket in the state folder at which executors of this machine hold the lease."""


class Acting:
    """Made by the node when the picture, the prober and the ledger are there.

    Capabilities are signed with a key that nobody but this process ever had: what an earlier process allowed
    cannot be carried out by a later one.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        config, clock, db, log = node.config, node.clock, node.db, node.recorder.log
        key = Ed25519PrivateKey.generate()
        self._witnessed = 0.0
        self._drops, self._dropped_at = 0, float("-inf")
        view = PictureView(node.components, node.members, clock, node.prober.ask_now, node.processes)
        self._view = view
        self._state = Path(config.node.state).expanduser()
        self._keeping = Keeping(self._state / leftover.FOLDER)
        self._letters = Letters(db, config, clock, node.name())
        self.board = Board(db, clock)
        self._leases = LeaseServer(self.board, self._state / LEASES)
        self._executor = Executor(node.name(), key.public_key(), self.board.own, clock, self._edge(config))
        self.belief = Belief(db, clock, node.recorder.mask.subject)
        self.doubts = Doubts(
            db,
            node.recorder.journal,
            clock,
            lambda: node.config,
            found=lambda: [one for one in (self.belief.trouble, node.patrol.trouble) if one],
            contradicted=node.cosigners.grave,
            url=node.url(),
            node=node.name(),
        )
        scene = Scene(
            config,
            view,
            clock,
            sight=self._sight,
            witness=lambda: self._witnessed,
            versions=self._versions,
            doubt=self._doubt,
        )
        self.engine = Acts(
            db,
            log,
            scene,
            self._executor,
            self._letters,
            key,
            clock,
            speaks_for=self._speaks_for,
            alerting=node.engine.firing,
            predicted=lambda name, level: node.predicting.standing(name, level),
            doubt=self.belief.look,
        )
        url, name = node.url(), node.name()
        self.proving = Proving(db, log, clock, lambda: node.config, url=url, node=name)
        self.side_door = SideDoor(
            db,
            log,
            clock,
            lambda: node.config,
            node.subject,
            digest,
            path=node.path,
            url=url,
            node=name,
        )
        self._countdown = Countdown(db, log, self.engine, clock, lambda: node.config, url=url, node=name)
        self._load = LoadWatch(db, clock, lambda: node.config, url=url, node=name)
        self.view = ActView(
            db,
            log,
            self.engine,
            self.board,
            self._executor,
            view,
            clock,
            lambda: node.config,
            speaks_for=self._speaks_for,
            url=url,
            node=name,
        )

    async def start(self) -> None:
        """Let executors of this machine ask for the lease; take over what an earlier process left open."""
        await self.board.look()
        await self._leases.start()
        ended = await leftover.end(self._state / leftover.FOLDER, self._node.clock)
        for fence, count in ended.items():
            log.warning(
                "intent %d: %d processes of an earlier run of this node were left and ended", fence, count
            )
        await self.engine.start(ended)

    def subjects(self) -> Iterator[Subject]:
        """Everybody who is known. Any thread may ask."""
        return self._view.subjects()

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What runs as long as the node, by name."""
        yield "stops", self.board.run()
        yield "belief", self.belief.run()
        yield "doubts", self.doubts.run()
        yield "proofs", self.proving.run()
        yield "acts", self.engine.run()
        yield "countdown", self._countdown.run()
        yield "side-door", self.side_door.run()
        yield "load", self._load.run()
        yield "act-view", self.view.keep()
        yield "sight", self._keep_looking()

    async def stop(self) -> None:
        """Close the socket: whoever held the lease holds it no more."""
        await self._leases.stop()
        self._keeping.close()

    def prepare(self, config: Config) -> Callable[[], None]:
        """Read these rules; raises where they cannot be, before anything is recorded. What is returned puts
        them in force, and the guards prove themselves anew."""
        edge, engine = self._edge(config), self.engine.prepare(config)

        def take() -> None:
            self._executor.configure(edge)
            engine()
            self.proving.again()

        return take

    def _edge(self, config: Config) -> Edge:
        gate = config.gate
        return Edge(
            monotonic=self._node.clock.monotonic,
            allowed=allow.parse(gate.hosts),
            commands=gate.commands,
            time=float(gate.takes),
            keeping=self._keeping,
            signal=self._view.signal,
            count=self._view.count,
            tell=self._letters.tell,
            function=self._node.functioning.act,
        )

    def _sight(self) -> Sight:
        """How well this node sees at this moment."""
        node, now = self._node, self._node.clock.monotonic()
        hears = not node.hearing.trouble and now - self._dropped_at > MISSED
        return Sight(ear=hears, probes=not node.prober.stood_still(MISSED), lag=node.flow.lag())

    def _doubt(self) -> str:
        """Why nothing is to act on this ledger; empty: it is believed."""
        unasked = [f"witness {name} was not asked yet" for name in self._node.cosigners.unasked()]
        return next(iter([*self.doubts.words(), *filter(None, (self.belief.words, *unasked))]), "")

    def _versions(self) -> dict[str, str]:
        """What each executor runs, the node's own among them."""
        found = {one.name: one.version for one in self.board.executors.values()}
        return {**found, self._executor.name: __version__}

    def _speaks_for(self, who: str) -> frozenset[str]:
        owners, now = self._node.config.owner, self._node.clock.wall()
        named = speaks_for(who, self._node.access.all(), owners, now)
        return spoken_for(owners, named, now)

    async def _keep_looking(self) -> None:
        """Know the time that a witness vouched for last, by which an expiry is judged, and whether beats were
        dropped of late."""
        while True:
            drops = self._node.hearing.counters()["kernel_drops"]
            if drops != self._drops:
                self._drops, self._dropped_at = drops, self._node.clock.monotonic()
            try:
                self._witnessed = await self._node.db.read(witnessed_at)
            except (StoreError, LedgerError) as error:
                log.error("when a witness last vouched for the time is not known: %s", error)
            await self._node.clock.sleep(LOOK)
