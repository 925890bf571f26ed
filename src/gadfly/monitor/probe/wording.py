"""What a target said, made fit for one line of a reason."""

from __future__ import annotations

MOST = 80


def line(text: str, most: int = MOST) -> str:
    """Printable characters only, white space as single spaces, shortened to ``most``."""
    text = text[: most * 4]
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 3] + "..."
