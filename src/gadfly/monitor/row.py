"""One member as it lies in shared memory: 128 bytes, two cache lines, the first the one that a beat touches.

A beat reads and writes most fields of one member, at a random place among a million: a row costs two cache
misses where separate columns would cost twenty. The two columns that are scanned from end to end
(``deadline``, ``liveness``) lie apart, see :mod:`gadfly.monitor.members`.
"""

from __future__ import annotations

import numpy as np

ROW = np.dtype(
    [
        ("id", "u8"),
        ("incarnation", "u8"),
        ("sequence", "u8"),
        ("seen", "i8"),  # monotonic ns of the last beat or reply
        ("interval", "u4"),  # ms; 0 does not beat
        ("jitter", "f4"),  # s, smoothed mean deviation of arrivals
        ("beats", "u4"),
        ("lost", "u4"),  # by gaps in the sequence
        ("status", "u1"),
        ("reason", "u1"),  # Why
        ("steady", "u1"),  # beats in a row from the same address and port, saturating
        ("answers", "u1"),  # Answers, below
        ("tries", "u1"),  # enquiries sent in this suspicion
        ("replied", "u1"),  # 1: the last thing heard was a reply, out of the rhythm of the beats
        ("doubted", "u1"),  # 1: the observer already gave it one more interval
        ("key", "u1"),  # low byte of the id of the key it signs with, 0 none
        ("restarts", "u2"),
        ("card_length", "u2"),
        ("card_version", "u2"),  # odd while the ear writes the card
        ("bucket", "u2"),  # of its source network, for the measured loss
        # second cache line
        ("seen_wall", "i8"),
        ("since", "i8"),  # wall ns of the last change of liveness
        ("card_offset", "u8"),
        ("nonce", "u8"),  # of this suspicion; its low six bits are the try
        ("asked", "i8"),  # monotonic ns of the last try
        ("address", "V16"),  # IPv6, or IPv4 mapped into it
        ("scope", "u4"),
        ("port", "u2"),  # 0 where it came by HTTP: nobody to ask
        ("card_room", "u2"),
    ],
    align=True,
)

FREE = 255
"""The liveness of a slot that is in no use any more."""
UNKNOWN, ANSWERS, MUTE, OWN = 0, 1, 2, 3
"""`answers`: not asked yet; has answered in this incarnation; was asked while alive and did not answer; the
node itself tells how it is, and takes nothing that is heard in its name."""
