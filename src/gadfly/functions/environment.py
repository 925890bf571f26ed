"""Where a secret is of which the configuration does not say where: in the environment."""

from __future__ import annotations


def variable(secret: str) -> str:
    """The variable's name. `a-b` and `a.b` have the same one; the catalogue refuses that both are granted."""
    return f"GADFLY_SECRET_{''.join(letter if letter.isalnum() else '_' for letter in secret)}".upper()
