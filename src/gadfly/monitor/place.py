"""Whether a component runs where it says, as far as the addresses of beats can tell.

Anybody may announce any host, and what runs on a host that is down is told as that host's alert. A container
or pod has an address of its own, so another address is no lie; it is a thing to be shown, and to be settled
in the catalogue.
"""

from __future__ import annotations

from gadfly.monitor.local_process import is_local
from gadfly.monitor.picture import Picture
from gadfly.monitor.source import host_of


def host_doubt(picture: Picture, slot: int) -> str:
    """What is to be said of the host that a component names; empty where nothing speaks against it.

    That is so where the catalogue names the host, where the host is no component or one of the two does not
    beat, and where their beats come from one address. All addresses of the node's own machine are one.
    """
    entry, host = picture.entry(slot), picture.subject(slot).host
    there = picture.slot(host) if host else None
    if there is None or (entry is not None and entry.entry.host):
        return ""
    mine, its = (host_of(picture.heard.source(one)) for one in (slot, there))
    if not mine or not its or mine == its or (is_local(mine) and is_local(its)):
        return ""
    return (
        f"as it says itself: its beats come from {mine}, those of {host} from {its}; "
        "if it is right, name the host in the catalogue"
    )
