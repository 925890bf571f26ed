"""Where a node listens, and where it keeps its state."""

from __future__ import annotations

from typing import Literal

from gadfly.config.section import Section

Preset = Literal["local", "lan", "wan"]


class Node(Section, frozen=True, kw_only=True):
    """This node: where it listens and where it keeps its state."""

    name: str = ""
    """Shown on the page and in notifications. Empty: the host's name."""
    listen: str = "127.0.0.1:7171"
    """Page and API. Loopback, because anything else needs a decision about who may read and write."""
    url: str = ""
    """How people reach the page, for links in notifications. Empty: made from `listen`."""
    preset: Preset = "local"
    """`local` stays on loopback, so that a first try disturbs no network; `lan` multicasts; `wan` expects
    loss."""
    state: str = "~/.local/state/gadfly"
    """The folder of the database and the local token. Readable by its owner only."""
    reading: Literal["open", "token"] = "open"
    """Whether reading needs a token too. Open, because on loopback whoever reads is on this machine
    already."""
    components: int = 1_100_000
    """How many components are heard at most; more are counted and dropped. Address space, not memory, is
    reserved."""
    watch_host: bool = True
    """Beat for this host itself, so that the node's own machine is in the picture."""
