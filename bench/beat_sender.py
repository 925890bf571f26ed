"""A million components in one process: authenticated frames made beforehand, sent by sendmmsg at a set pace.

Run by `beats.py` inside a namespace. Reads orders from standard input, one JSON object a line:
`{"rounds": 6, "rate": 100000, "announce": true}`; answers each with one JSON line when it is done. A round is
one frame from every component, in a fixed random order, so that no cache is helped by neighbours. Before
each order it makes the frames, outside of the time measured. `rate` 0 is as fast as the kernel takes them.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import random
import socket
import struct
import sys
import time

import numpy as np

from gadfly.telemetry.frame import Frame, Kind, component_id, encode, key_id

ANNOUNCE_ROOM = 320
PACE = 0.005
_sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
_sendmmsg.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]
_MESSAGE = np.dtype(
    [("name", "u8"), ("nl", "u4"), ("p0", "u4"), ("iov", "u8"), ("n", "u8"), ("c", "u8"), ("cl", "u8"),
     ("flags", "u4"), ("p1", "u4"), ("length", "u4"), ("p2", "u4")]
)  # fmt: skip
_VECTOR = np.dtype([("base", "u8"), ("length", "u8")])
_SIGNED = struct.Struct("!2sBBIQQQQIB3x")


class Fleet:
    """`count` components with one secret, one interval and one incarnation each."""

    def __init__(self, count: int, secret: bytes, interval_ms: int) -> None:
        self.names = [f"bench-{number:07d}.rack-{number % 97:02d}.example" for number in range(count)]
        random.Random(7).shuffle(self.names)
        self.ids = [component_id(name) for name in self.names]
        self.secret, self.key, self.interval = secret, key_id(secret), interval_ms
        self.incarnation = time.time_ns()
        self.sequence = 0

    def frames(self, announce: bool) -> tuple[np.ndarray, np.ndarray]:
        """One frame each: (bytes by row, lengths)."""
        self.sequence += 1
        sent, count = time.time_ns(), len(self.ids)
        if announce:
            room = np.zeros((count, ANNOUNCE_ROOM), np.uint8)
            lengths = np.zeros(count, np.uint64)
            for place, (name, identity) in enumerate(zip(self.names, self.ids, strict=True)):
                card = {
                    "name": name, "kind": "service", "host": name[-15:], "pid": 1000 + place,
                    "version": "1.4.2", "owner": "payments", "labels": {"zone": "eu-1"},
                }  # fmt: skip
                frame = Frame(
                    Kind.announce, identity, self.incarnation, self.sequence, sent, self.interval, 0,
                    payload=json.dumps(card, separators=(",", ":")).encode(),
                )  # fmt: skip
                made = encode(frame, self.secret)
                room[place, : len(made)] = np.frombuffer(made, np.uint8)
                lengths[place] = len(made)
            return room, lengths
        pack, keyed = _SIGNED.pack, hashlib.blake2b(digest_size=16, key=self.secret)
        parts = []
        for identity in self.ids:
            head = pack(
                b"Gf",
                1,
                Kind.beat,
                self.key,
                identity,
                self.incarnation,
                self.sequence,
                sent,
                self.interval,
                0,
            )
            mac = keyed.copy()
            mac.update(head)
            parts += (head, mac.digest())
        return np.frombuffer(b"".join(parts), np.uint8).reshape(count, 64).copy(), np.full(
            count, 64, np.uint64
        )


def send(made: socket.socket, rounds: list[tuple[np.ndarray, np.ndarray]], rate: float) -> dict[str, float]:
    """Send all rounds at `rate` frames a second over a connected socket; what that took."""
    prepared = []
    for frames, lengths in rounds:
        vectors = np.zeros(len(frames), _VECTOR)
        vectors["base"] = frames.ctypes.data + np.arange(len(frames)) * frames.shape[1]
        vectors["length"] = lengths
        messages = np.zeros(len(frames), _MESSAGE)
        messages["iov"] = vectors.ctypes.data + np.arange(len(frames)) * _VECTOR.itemsize
        messages["n"] = 1
        prepared.append((messages, vectors))
    start, sent, slowest = time.monotonic(), 0, 0.0
    cpu = time.process_time()
    for messages, _ in prepared:
        at = 0
        while at < len(messages):
            now = time.monotonic()
            step = 512 if not rate else min(4096, int((now - start) * rate) - sent)
            if rate and step < rate * PACE:
                time.sleep(PACE / 2)
                continue
            step = min(step, len(messages) - at)
            done = _sendmmsg(made.fileno(), messages.ctypes.data + at * _MESSAGE.itemsize, min(step, 1024), 0)
            if done < 0:
                raise OSError(ctypes.get_errno(), "sendmmsg")
            at, sent = at + done, sent + done
            slowest = max(slowest, now - start - sent / rate) if rate else 0.0
    return {
        "sent": sent,
        "seconds": time.monotonic() - start,
        "cpu": time.process_time() - cpu,
        "behind": slowest,
    }


def main() -> None:
    """`beat_sender.py HOST PORT COUNT INTERVAL_MS`; the secret is the first line of standard input."""
    host, port, count, interval = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    fleet = Fleet(count, sys.stdin.readline().strip().encode(), interval)
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.connect((host, port))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        rounds = [
            fleet.frames(order.get("announce", False) and number == 0) for number in range(order["rounds"])
        ]
        print(json.dumps({"made": sum(len(frames) for frames, _ in rounds)}), flush=True)
        print(json.dumps(send(made, rounds, order["rate"])), flush=True)


if __name__ == "__main__":
    main()
