"""The sockets that are open, and how they change without a gap while they are open.

A socket is known by the address it is bound to. Where that stays the socket stays, with all that waits in
it; only the groups joined on it change. First comes what may be refused (:func:`change`), then the handing
over (:func:`hand_over`), and when the ear knows, the giving up of what is not wanted any more
(:func:`release`). Interfaces come and go while a node
runs; :func:`rejoin` follows them, and refuses nothing.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gadfly.errors import ConfigError
from gadfly.monitor import sockets
from gadfly.monitor.sockets import Listener

Membership = tuple[str, int]
"""A group, and the index of the interface on which it is heard."""


NOBODY = 9
"""A port from which no beats come: discard."""


class Open(NamedTuple):
    """An open socket. `joined` has what the kernel took of what `listener` wants, with the interface's name
    at that time."""

    listener: Listener
    made: socket.socket
    joined: Mapping[Membership, str]

    @property
    def place(self) -> tuple[str, int]:
        return self.listener.host, self.listener.port

    def indexes(self, group: str) -> tuple[int, ...]:
        """The interfaces on which a group is heard."""
        return tuple(index for joined, index in self.joined if joined == group)


def change(old: Sequence[Open], wanted: Sequence[Listener]) -> list[Open]:
    """Open and join what is wanted and not there yet; :func:`release` ends what is not wanted any more.

    Raises ConfigError for what cannot be had, and then nothing has changed.
    """
    kept = {one.place: one for one in old}
    places = {(listener.host, listener.port) for listener in wanted}
    leaving = [one for one in old if one.place not in places]
    new: list[Open] = []
    refused: list[str] = []
    for listener in wanted:
        held = kept.get((listener.host, listener.port))
        beside = [one.made for one in leaving if one.listener.port == listener.port]
        try:
            made = held.made if held else sockets.open_listener(listener, beside)
        except ConfigError as error:
            refused += error.problems
            continue
        if made is not None:
            one, why = _join(listener, made, held.joined if held else {})
            new.append(one)
            refused += why
    if refused:
        release(new, old)
        raise ConfigError(*refused)
    return new


def rejoin(old: Sequence[Open], wanted: Sequence[Listener]) -> list[Open]:
    """The same sockets, with the groups of `wanted` joined wherever that is possible now."""
    by_place = {(listener.host, listener.port): listener for listener in wanted}
    return [_join(by_place.get(one.place, one.listener), one.made, one.joined)[0] for one in old]


def hand_over(old: Sequence[Open], new: Sequence[Open]) -> None:
    """Let datagrams go to the new sockets only, so that what waits in the old ones can be taken to its end.

    The kernel prefers the socket with the narrower address, which may be the old one. One that is connected
    is given what its peer sends and nothing else; here the peer is nobody.
    """
    kept = {one.made for one in new}
    for one in old:
        if one.made not in kept and one.listener.own:
            nobody = "::1" if one.listener.family == socket.AF_INET6 else "127.0.0.1"
            with contextlib.suppress(
                OSError
            ):  # an address without a way to loopback: then the last ones are lost
                one.made.connect((nobody, NOBODY))


def release(old: Sequence[Open], new: Sequence[Open]) -> None:
    """Leave the groups and close the sockets of `old` that `new` has not."""
    kept = {one.made: one for one in new}
    for one in old:
        if one.made not in kept:
            one.made.close()
            continue
        for group, index in one.joined.keys() - kept[one.made].joined.keys():
            sockets.leave(one.made, group, index)


def difference(old: Sequence[Open], new: Sequence[Open]) -> str:
    """In words, where groups are heard now and were not, and where no longer; empty where all is the same."""
    was, now = ({place: name for one in some for place, name in one.joined.items()} for some in (old, new))
    parts = (
        ("now heard on", {now[place] for place in now.keys() - was.keys()}),
        ("no longer heard on", {was[place] for place in was.keys() - now.keys()}),
    )
    return "; ".join(f"{said} {', '.join(sorted(names))}" for said, names in parts if names)


def _join(
    listener: Listener, made: socket.socket, before: Mapping[Membership, str]
) -> tuple[Open, list[str]]:
    """Join what is not joined yet. Returns with it what is to be said of groups that are heard nowhere."""
    joined: dict[Membership, str] = {}
    refused = []
    for group in listener.groups:
        why = ""
        for index in listener.interfaces:
            try:
                if (group, index) not in before:
                    name = socket.if_indextoname(index)
                    sockets.join(made, group, index)
                    joined[group, index] = name
                else:
                    joined[group, index] = before[group, index]
            except OSError as error:  # an interface without this family, or that went this moment
                why = error.strerror or str(error)
        # IPv6 may be switched off on every interface; a machine without IPv4 is none for IPv4 groups.
        if why and ":" not in group and not any(heard == group for heard, _ in joined):
            refused.append(f"heartbeat.groups: cannot join {group}: {why}; see heartbeat.interfaces")
    return Open(listener, made, joined), refused
