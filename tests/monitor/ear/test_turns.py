"""Whole turns of the ear, in this process: real sockets on loopback, clocks that the test sets."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gadfly.monitor import ear as ear_module
from gadfly.monitor.control import EVIDENCE, EXPECTED, HEAD, RESTORED, Say, Settings, pack_restored
from gadfly.monitor.doubt import Clocks
from gadfly.monitor.ear import Ear, clocks
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import NEVER, Members
from gadfly.monitor.row import ANSWERS, FREE, MUTE
from gadfly.monitor.sockets import Listener, join, open_listener
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import STATUSES, Frame, Kind, component_id, decode, encode, key_id

LO = socket.if_nametoindex("lo")
S = 1_000_000_000


class Theatre:
    """An ear, the node's end of its channel, and one component's socket."""

    def __init__(self) -> None:
        self.members = Members.create(500, ring=1024)
        self.node, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.node.settimeout(2)
        self.theirs = theirs
        self.skip = Clocks(0, 0, 0)
        self.told = 0
        self.ear = Ear(self.members, theirs, self._tell, self.clocks)
        made = open_listener(Listener("127.0.0.1", 0))
        group = open_listener(Listener("239.192.71.72", 0))
        assert made is not None
        assert group is not None
        join(group, "239.192.71.72", LO)
        self.listening, self.group = made, group
        self.address = made.getsockname()
        self.heart = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.heart.bind(("127.0.0.1", 0))
        self.heart.settimeout(2)
        self.group_heart = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.group_port = group.getsockname()[1]
        self.group_heart.bind(("239.192.71.72", self.group_port + 1))
        request = socket.inet_aton("239.192.71.72") + socket.inet_aton("127.0.0.1")
        self.group_heart.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        self.group_heart.settimeout(2)
        self.configure()

    def _tell(self) -> None:
        self.told += 1

    def clocks(self) -> Clocks:
        real = clocks()
        return Clocks(*(here + more for here, more in zip(real, self.skip, strict=True)))

    def pass_time(self, seconds: float) -> None:
        """Without a turn late: the ear slept as it meant to."""
        add = int(seconds * S)
        self.skip = Clocks(*(one + add for one in self.skip))
        self.ear._last = self.clocks()

    def configure(self, keys: dict[int, bytes] | None = None, rate: int = 2000, enquire: bool = True) -> None:
        groups = [("239.192.71.72", self.group_port, [LO])]
        settings = Settings(keys or {}, enquire, 1.0, rate, [True, False], groups)
        message = HEAD.pack(Say.configure, 1) + settings.pack()
        socket.send_fds(self.node, [message], [self.listening.fileno(), self.group.fileno()])
        self.ear.turn()
        assert HEAD.unpack(self.node.recv(100)) == (Say.configure, 1)

    def order(self, say: Say, body: bytes) -> bytes:
        self.node.send(HEAD.pack(say, 2) + body)
        self.ear.turn()
        return self.node.recv(100_000)[HEAD.size :]

    def beat(self, name: str = "a", sequence: int = 1, *, secret: bytes | None = None, **more: Any) -> None:
        frame = Frame(Kind.beat, component_id(name), 1, sequence, time.time_ns(), 1000)._replace(**more)
        self.heart.sendto(encode(frame, secret), self.address)
        self.ear.turn()

    def answer(self, enquiry: bytes, name: str = "a", **more: Any) -> None:
        nonce = decode(enquiry, {}).sequence
        payload = b'{"name":"%s","nonce":%d}' % (name.encode(), nonce)
        self.beat(name, kind=Kind.reply, payload=payload, **more)

    def until(self, wanted: Liveness, turns: int = 400, name: str = "a", step: float = 0.01) -> None:
        for _ in range(turns):
            if self.liveness(name) is wanted:
                return
            self.pass_time(step)
            self.ear._next_scan = 0
            self.ear.turn()
        raise AssertionError(f"still {self.liveness(name).name}")

    def slot(self, name: str = "a") -> int:
        return int(self.members.find(np.array([component_id(name)], np.uint64))[0])

    def liveness(self, name: str = "a") -> Liveness:
        return Liveness(self.members.liveness[self.slot(name)])

    def close(self) -> None:
        for one in (self.node, self.theirs, self.listening, self.group, self.heart, self.group_heart):
            one.close()
        for made in self.ear._sockets:
            made.close()
        self.ear._poll.close()
        self.ear._urgent.close()
        self.members.close()


@pytest.fixture
def theatre() -> Iterator[Theatre]:
    made = Theatre()
    yield made
    made.close()


def test_a_beat_is_heard_and_the_stranger_is_asked_who_it_is(theatre: Theatre) -> None:
    theatre.beat()
    assert theatre.liveness() is Liveness.alive
    assert theatre.told == 1
    enquiry, source = theatre.heart.recvfrom(100)
    assert source == theatre.address
    theatre.answer(enquiry, sequence=2)
    assert theatre.members.rows["answers"][0] == ANSWERS
    theatre.pass_time(5)
    theatre.ear.turn()


def test_a_stranger_that_never_answers_is_known_as_mute(theatre: Theatre) -> None:
    for sequence in range(1, 9):
        theatre.beat(sequence=sequence)
        theatre.pass_time(0.9)
    assert theatre.members.rows["answers"][0] == MUTE


def test_late_is_asked_on_two_paths_and_silence_is_believed(theatre: Theatre) -> None:
    for sequence in range(1, 10):
        theatre.beat(sequence=sequence)
        theatre.pass_time(1.0)
    theatre.members.rows["answers"][0] = ANSWERS
    theatre.ear.loss.arrived(np.full(5000, theatre.members.rows["bucket"][0]), np.zeros(5000, np.int64))
    theatre.until(Liveness.silent)
    assert theatre.members.reason[0] == Why.no_answer
    assert decode(theatre.heart.recv(100), {}).kind is Kind.enquiry
    assert decode(theatre.group_heart.recv(100), {}).component == component_id("a")
    assert theatre.members.counters.get("declared_no_answer") == 1


def test_what_sending_takes_puts_off_no_verdict(theatre: Theatre, monkeypatch: Any) -> None:
    spent = [0]
    monkeypatch.setattr(ear_module.time, "thread_time_ns", lambda: spent[0])
    theatre.beat()

    def ask(suspects: Any) -> None:
        # As an enquiry to a group of many does: the kernel delivers it to each before it returns.
        spent[0] += 4_000_000

    monkeypatch.setattr(theatre.ear.asking, "ask", ask)
    theatre.pass_time(1.3)
    theatre.ear.turn()
    assert spent[0]
    assert theatre.ear._next_scan - theatre.ear.journal.now == ear_module.TICK


def test_a_closed_port_is_dead_at_once(theatre: Theatre) -> None:
    for sequence in range(1, 4):
        theatre.beat(sequence=sequence)
        theatre.pass_time(1.0)
    theatre.heart.close()
    theatre.until(Liveness.silent, 60)
    assert theatre.members.reason[0] == Why.refused


def test_an_answer_in_time(theatre: Theatre) -> None:
    theatre.beat()
    theatre.heart.recv(100)
    theatre.members.rows["answers"][0] = ANSWERS
    theatre.until(Liveness.suspect)
    theatre.answer(theatre.heart.recv(100), sequence=2)
    assert theatre.liveness() is Liveness.alive


def test_with_a_key_enquiries_are_signed_and_others_are_not_heard(theatre: Theatre) -> None:
    secret = b"k" * 16
    theatre.configure({key_id(secret): secret})
    theatre.beat()
    assert theatre.slot() == -1
    theatre.beat(secret=secret)
    assert decode(theatre.heart.recv(100), {key_id(secret): secret}).kind is Kind.enquiry


def test_what_waits_in_a_socket_is_taken_before_it_is_replaced(theatre: Theatre) -> None:
    frame = Frame(Kind.beat, component_id("a"), 1, 1, time.time_ns(), 1000)
    theatre.heart.sendto(encode(frame), theatre.address)
    theatre.configure(rate=100)
    assert theatre.liveness() is Liveness.alive


def test_a_contested_incarnation_is_asked(theatre: Theatre) -> None:
    theatre.beat(incarnation=9)
    theatre.heart.recv(100)
    theatre.beat(sequence=5, incarnation=3)
    enquiry = decode(theatre.heart.recv(100), {})
    assert enquiry.component == component_id("a")
    assert theatre.members.counters.get("challenges_sent") == 1
    theatre.beat(sequence=6, incarnation=3)
    assert theatre.members.counters.get("challenges_sent") == 1
    theatre.ear.asking.budget.spend(10_000)
    theatre.ear.replies._challenges.clear()
    theatre.beat(sequence=7, incarnation=3)
    assert theatre.members.counters.get("challenges_sent") == 1


def test_listening_only_sends_nothing(theatre: Theatre) -> None:
    theatre.beat("early")
    theatre.heart.recv(100)
    assert theatre.ear.asking.next_meeting() is not None  # it did not answer and would be asked again
    theatre.configure(enquire=False)
    theatre.beat(incarnation=9)
    theatre.beat(sequence=5, incarnation=3)  # contested
    theatre.until(Liveness.late)
    assert theatre.members.counters.get("enquiries_sent") == 1
    assert theatre.members.counters.get("challenges_sent") == 0
    assert theatre.ear.asking.next_meeting() is None
    theatre.heart.setblocking(False)
    with pytest.raises(BlockingIOError):
        theatre.heart.recv(100)


def test_suspects_of_the_time_before_are_asked_no_more(theatre: Theatre) -> None:
    theatre.beat()
    theatre.until(Liveness.suspect)
    sent = theatre.members.counters.get("enquiries_sent")
    theatre.configure(enquire=False)
    theatre.until(Liveness.silent, 300, step=1.0)
    assert theatre.members.counters.get("enquiries_sent") == sent


def test_a_fresh_ear_puts_in_order_what_a_killed_one_left(theatre: Theatre) -> None:
    theatre.beat()
    theatre.members._index._state[theatre.members._index.GENERATION] += np.uint64(1)
    theatre.members._index._table[:] = 0
    theatre.members.rows["card_version"][0] |= 1
    Ear(theatre.members, theatre.theirs, lambda: None, theatre.clocks)
    assert theatre.members._index.find(np.array([component_id("a")], np.uint64)) is not None
    assert theatre.liveness() is Liveness.alive
    assert theatre.members.rows["card_version"][0] % 2 == 0


def test_the_budget_bounds_what_is_asked_at_once(theatre: Theatre) -> None:
    theatre.configure(rate=8)
    theatre.ear.asking.budget._tokens = 0
    frames = [Frame(Kind.beat, component_id(f"n{n}"), 1, 1, time.time_ns(), 1000) for n in range(100)]
    for frame in frames:
        theatre.heart.sendto(encode(frame), theatre.address)
    theatre.ear.turn()
    theatre.pass_time(1.4)
    theatre.ear._next_scan = 0
    theatre.ear.turn()
    assert theatre.members.counters.get("enquiries_unsent") >= 60
    assert theatre.members.counters.get("enquiries_sent") <= 32


def test_a_try_that_cannot_leave_is_no_try(theatre: Theatre) -> None:
    theatre.beat()
    theatre.members.rows["address"][0] = np.frombuffer(bytes(15) + b"\1", "V16")[
        0
    ]  # IPv6, and there is no socket
    theatre.until(Liveness.suspect)
    assert theatre.members.rows["tries"][0] == 0
    assert theatre.members.counters.get("doubt_unsendable") >= 1


def test_a_turn_that_comes_late_is_no_reason_to_declare_anybody(theatre: Theatre) -> None:
    theatre.beat()
    theatre.skip = Clocks(30 * S, 30 * S, 30 * S)
    theatre.ear.turn()
    assert theatre.liveness() is Liveness.alive
    assert theatre.members.counters.get("doubt_late") == 1


def test_a_machine_that_slept(theatre: Theatre) -> None:
    theatre.beat()
    theatre.skip = Clocks(0, 3600 * S, 3600 * S)
    theatre.ear.turn()
    assert theatre.members.counters.get("doubt_slept") == 1
    assert theatre.members.counters.get("wall_jumps") == 0


def test_a_wall_clock_that_jumped_changes_nothing(theatre: Theatre) -> None:
    theatre.beat(interval_ms=60_000)
    for jump in (86_400, 0):
        theatre.skip = theatre.skip._replace(wall=jump * S)
        theatre.ear.turn()
    assert theatre.members.counters.get("wall_jumps") == 2
    assert theatre.liveness() is Liveness.alive


def test_datagrams_the_kernel_dropped_are_counted_and_excuse(theatre: Theatre, monkeypatch: Any) -> None:
    theatre.beat()
    count = 0
    monkeypatch.setattr(ear_module.sockets, "drops", lambda made: count)
    theatre.ear._look_for_drops()
    count = 7
    theatre.pass_time(1.4)
    theatre.ear._next_scan = 0
    theatre.ear.turn()
    assert theatre.members.counters.get("kernel_drops") == 14  # both sockets
    assert theatre.members.counters.get("doubt_drops") == 1
    assert theatre.liveness() is Liveness.alive


def test_a_flood_keeps_nobody_alive_for_ever(theatre: Theatre, monkeypatch: Any) -> None:
    theatre.beat(sequence=1)
    monkeypatch.setattr(theatre.ear.listening, "drain", lambda made: (0, False))
    theatre.pass_time(1.4)
    theatre.ear.turn()
    assert theatre.liveness() is Liveness.alive
    theatre.pass_time(0.6)
    theatre.ear._next_scan = 0
    theatre.ear.turn()
    assert theatre.liveness() is Liveness.suspect


def test_when_busy_beats_collect(theatre: Theatre) -> None:
    theatre.ear._rate = 1e6
    start = time.monotonic()
    theatre.ear.turn()
    assert time.monotonic() - start < 0.5
    assert theatre.ear._rate < 1e6


@pytest.mark.parametrize(
    ("rate", "wait", "asked_before", "collecting"),
    [
        (10, 1.0, 1.0, 0.0),
        (150, 1.0, 1.0, 0.1),
        (150, 0.01, 1.0, 0.01),  # something is due sooner
        (150, 0.0, 1.0, 0.0),
        (150, 1.0, 0.02, 0.0),  # answers are awaited
        (1e6, 0.0, 0.02, 0.0007),
    ],
)
def test_beats_that_come_often_collect(
    theatre: Theatre, rate: float, wait: float, asked_before: float, collecting: float
) -> None:
    theatre.ear._rate, theatre.ear._fastest = rate, 1.0
    theatre.ear._asked_at = 100 * S - int(asked_before * S)
    assert theatre.ear._collecting(100 * S, int(wait * S)) == int(collecting * S)


def test_while_beats_collect_the_node_is_heard_at_once(theatre: Theatre, monkeypatch: Any) -> None:
    monkeypatch.setattr(theatre.ear, "_collecting", lambda now, wait: 60 * S)
    start = time.monotonic()
    assert theatre.order(Say.expect, expected(("a", 1000)))
    assert time.monotonic() - start < 10


def test_a_proof_waits_for_the_next_scan_so_that_who_went_with_it_is_known(theatre: Theatre) -> None:
    for sequence in range(1, 4):
        theatre.beat("a", sequence)
        theatre.pass_time(0.2)
        theatre.beat("b", sequence)
        theatre.pass_time(0.8)
    theatre.heart.close()
    theatre.until(Liveness.suspect, 60)
    theatre.ear._next_scan = theatre.clocks().monotonic + S // 4
    theatre.ear.turn()
    assert theatre.ear._refusals
    assert (theatre.liveness("a"), theatre.liveness("b")) == (Liveness.suspect, Liveness.alive)
    theatre.pass_time(0.4)
    theatre.ear.turn()
    assert not theatre.ear._refusals
    assert (theatre.liveness("a"), theatre.liveness("b")) == (Liveness.silent, Liveness.silent)
    assert theatre.members.reason[:2].tolist() == [Why.refused, Why.refused]


def test_while_beats_collect_a_closed_port_is_heard_at_once(theatre: Theatre, monkeypatch: Any) -> None:
    for sequence in range(1, 4):
        theatre.beat(sequence=sequence)
        theatre.pass_time(1.0)
    theatre.heart.close()
    monkeypatch.setattr(theatre.ear, "_collecting", lambda now, wait: 0)
    theatre.until(Liveness.suspect, 60)
    theatre.ear._rate = ear_module.BUSY + 1
    monkeypatch.setattr(theatre.ear, "_collecting", lambda now, wait: 60 * S)
    start = time.monotonic()
    theatre.until(Liveness.silent, 10)
    assert time.monotonic() - start < 10
    assert theatre.members.reason[0] == Why.refused


def test_beats_that_collected_are_taken_together(theatre: Theatre) -> None:
    theatre.beat()
    theatre.ear._rate, theatre.ear._next_due, theatre.ear._fastest = 150.0, NEVER, 1.0
    theatre.ear._asked_at = -S
    batches = theatre.members.counters.get("batches")
    start = time.monotonic()
    theatre.beat(sequence=2)
    assert time.monotonic() - start > 0.045
    assert theatre.members.counters.get("batches") == batches + 1
    assert theatre.liveness() is Liveness.alive


def expected(*pairs: tuple[str, int]) -> bytes:
    return np.array([(component_id(name), ms, 0) for name, ms in pairs], EXPECTED).tobytes()


def test_expect_makes_slots_once(theatre: Theatre) -> None:
    theatre.beat("b")
    slots = np.frombuffer(theatre.order(Say.expect, expected(("a", 500), ("b", 0), ("a", 500))), np.int64)
    assert slots.tolist() == [1, 0, 1]
    assert theatre.members.interval[1] == 500
    assert theatre.members.interval[0] == 1000  # what it says itself goes before
    assert theatre.liveness("a") is Liveness.never
    assert theatre.members.deadline[1] == NEVER


def restored(
    name: str, liveness: Liveness, card: bytes = b"", interval: int = 1000, incarnation: int = 0
) -> tuple[Any, bytes]:
    return (component_id(name), incarnation, 5 * S, interval, liveness, 0, len(card)), card


def test_the_first_beat_of_one_that_was_restored_tells_nothing_of_loss(theatre: Theatre) -> None:
    theatre.beat("measure")
    incarnation = int(theatre.members.incarnation[theatre.slot("measure")])
    record, card = restored("was", Liveness.alive, incarnation=incarnation)
    theatre.order(Say.restore, pack_restored(np.array([record], RESTORED), [card]))
    slot = theatre.slot("was")
    assert theatre.members.incarnation[slot] == incarnation
    for sequence in (500, 501, 503):
        theatre.beat("was", sequence)
    assert theatre.members.beats[slot] == 3
    assert theatre.members.lost[slot] == 1
    assert theatre.members.restarts[slot] == 0


def test_restore(theatre: Theatre) -> None:
    theatre.beat("heard")
    rows = [
        restored("was", Liveness.alive, b'{"name":"was"}'),
        restored("dead", Liveness.silent),
        restored("asked", Liveness.suspect),
        restored("rare", Liveness.alive, interval=0),
        restored("heard", Liveness.silent),
    ]
    records = np.array([record for record, _ in rows], RESTORED)
    body = pack_restored(records, [card for _, card in rows])
    slots = np.frombuffer(theatre.order(Say.restore, body), np.int64).tolist()
    assert [theatre.liveness(name).name for name in ("was", "dead", "asked", "rare", "heard")] == [
        "alive", "silent", "alive", "alive", "alive",
    ]  # fmt: skip
    assert theatre.members.card(slots[0]) == b'{"name":"was"}'
    assert theatre.members.reason[slots[0]] == Why.restored
    assert theatre.members.deadline[slots[1]] == theatre.members.deadline[slots[3]] == NEVER
    theatre.beat("dead")
    assert theatre.members.restarts[slots[1]] == 0
    theatre.until(Liveness.late, name="was")


def test_forget(theatre: Theatre) -> None:
    theatre.beat("a")
    theatre.beat("b")
    theatre.order(Say.forget, np.array([0, 0, 77], np.uint32).tobytes())
    assert theatre.slot("a") == -1
    assert theatre.members.liveness[0] == FREE
    theatre.beat("c")
    assert theatre.slot("c") == 0


def test_evidence_and_beats_by_http(theatre: Theatre) -> None:
    frame = encode(Frame(Kind.beat, component_id("a"), 1, 1, time.time_ns(), 1000))
    theatre.node.send(HEAD.pack(Say.inject, 0) + bytes(16) + frame)
    theatre.ear.turn()
    assert theatre.liveness() is Liveness.alive
    for slot in (99, 0):
        theatre.node.send(HEAD.pack(Say.evidence, 0) + EVIDENCE.pack(slot, Why.exited, 1))
    theatre.ear.turn()
    assert theatre.liveness() is Liveness.silent


def test_it_ends_with_the_node(theatre: Theatre) -> None:
    theatre.node.close()
    theatre.ear.turn()
    assert theatre.ear.ended


def test_main_serves_until_the_node_is_gone(monkeypatch: Any) -> None:
    members = Members.create(10)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    notice = os.eventfd(0)
    monkeypatch.setattr(ear_module.confine, "lay_down", lambda: {"confined_user": True})
    monkeypatch.setattr(ear_module.signal, "signal", lambda *_: None)
    monkeypatch.setattr(ear_module.gc, "freeze", lambda: None)
    monkeypatch.setattr(ear_module.os, "nice", lambda _: 0)
    frame = encode(Frame(Kind.beat, component_id("a"), 1, 1, time.time_ns(), 1000))
    ours.send(HEAD.pack(Say.inject, 0) + bytes(16) + frame)
    ours.shutdown(socket.SHUT_WR)
    arguments = [str(os.dup(members.descriptor)), str(theirs.detach()), str(notice)]
    assert ear_module.main(arguments) == 0
    assert members.counters.get("confined_user") == 1
    assert select.select([notice], [], [], 0)[0]
    assert STATUSES
    os.close(notice)
    ours.close()
    members.close()


def own(name: str, told: bool = True) -> bytes:
    return np.array([(component_id(name), 0, told)], EXPECTED).tobytes()


def test_nothing_is_taken_of_one_that_the_node_itself_tells_of(theatre: Theatre) -> None:
    payload = b'{"name":"tidy","host":"ghost","nonce":64}'
    theatre.beat("tidy", kind=Kind.announce, payload=payload)  # before it was declared
    assert theatre.liveness("tidy") is Liveness.alive
    theatre.order(Say.expect, own("tidy"))
    slot = theatre.slot("tidy")

    def known() -> tuple[Any, ...]:
        members = theatre.members
        row = members.rows[slot]
        return (
            theatre.liveness("tidy"),
            members.card(slot),
            *(int(row[name]) for name in ("seen", "seen_wall", "incarnation", "restarts", "beats", "port")),
            int(members.deadline[slot]),
        )

    nothing = (Liveness.never, b"", 0, 0, 0, 0, 0, 0, NEVER)
    assert known() == nothing
    for count, kind in enumerate((Kind.announce, Kind.beat, Kind.goodbye, Kind.reply), 1):
        theatre.beat(
            "tidy", count, kind=kind, payload=payload if kind in (Kind.announce, Kind.reply) else b""
        )
        assert theatre.members.counters.get("dropped_own") == count
    record, card = restored("tidy", Liveness.alive, b'{"name":"tidy"}', incarnation=7)
    theatre.order(Say.restore, pack_restored(np.array([record], RESTORED), [card]))
    theatre.order(Say.expect, own("tidy"))
    assert known() == nothing
    theatre.order(Say.expect, own("tidy", told=False))
    theatre.beat("tidy", 5)
    assert theatre.liveness("tidy") is Liveness.alive
