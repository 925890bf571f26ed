"""What is listened to, and how soon silence is believed."""

from __future__ import annotations

from gadfly.config.section import Duration, Section


class Heartbeat(Section, frozen=True, kw_only=True):
    """What is listened to, and how soon silence is believed."""

    groups: tuple[str, ...] = ("239.192.71.70:7170", "[ff15::4766]:7170")
    """Multicast groups. 239.192/14 is organisation-local; ff15 is site-local. Port 7170 also takes
    unicast."""
    interfaces: tuple[str, ...] = ()
    """Interfaces (names or addresses) to join the groups on. Empty: loopback only with `local`, else all that
    are up. One that comes up, goes or is made anew later is followed within seconds."""
    bind: str = ""
    """Address for unicast beats. Empty: 127.0.0.1 and ::1 with `local`, else every address."""
    keys: tuple[str, ...] = ()
    """Secrets, newest first: `env:NAME` or `file:PATH`. At most two live, for rotation. Without one, beats
    are not authenticated."""
    every: Duration = Duration(1.0)
    """The interval of programs on this machine that ask for none (`gadfly beat`, `gadfly exec`, `Heart`):
    they read it in the node's run file. A death is then known in about a second."""
    mistakes: str = "1 per node-month"
    """The budget of false deaths: the only knob. Fewer mistakes means more patience."""
    enquire: bool = True
    """Ask a late component at once. False: listen only, send nothing, and wait for as long as `mistakes`
    demands."""
    enquiries: int = 2000
    """Enquiry packets a second at most, shared fairly among the late: 0.2 MB/s, less than one video call."""
