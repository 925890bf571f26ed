"""What every table of the configuration is made of; the tables are beside it."""

from __future__ import annotations

import msgspec


class Duration(float):
    """Seconds. Written in files as a number with a unit."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file. An unknown key is an error, so that a typing mistake cannot switch a check off."""
