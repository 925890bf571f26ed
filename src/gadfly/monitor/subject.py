"""What is known about a component besides how it is: who it is, where it runs, who answers for it."""

from __future__ import annotations

import msgspec


class Subject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One component as alerts, routes and the page know it: its catalogue entry and its last announce."""

    name: str
    kind: str = "service"
    """`service`, `host`, `job`, `device` or `function`."""
    owner: str = ""
    """Who answers; a name in `config.owner`. Empty: nobody is known."""
    group: str = ""
    host: str = ""
    """The component (of kind `host`) that it runs on, or just a host's name."""
    subnet: str = ""
    """The network its beats come from, as `10.0.3.0/24`; empty where nothing was heard."""
    needs: tuple[str, ...] = ()
    """Names of the components without which it cannot work."""
    labels: dict[str, str] = {}
    because: str = ""
    """Why it matters, in the words of the catalogue."""
    declared: bool = False
    """Whether the catalogue names it, or it was only heard."""
