"""The tables of the ledger: who witnesses ours, and whose we witness."""

from __future__ import annotations

from gadfly.config.section import Duration, Section


class Cosigner(Section, frozen=True, kw_only=True):
    """A witness that is asked to cosign this node's ledger."""

    url: str
    """Its submission prefix; of another gadfly `http://HOST:7171/ledger/witness`. `/add-checkpoint` is
    appended."""
    key: str
    """Its verifier key (C2SP vkey), as `gadfly ledger witness` on that machine prints it. What it answers
    counts only with a signature of this key."""


class Ledger(Section, frozen=True, kw_only=True):
    """The append-only record of what happened, what was decided and who answered for it."""

    witnesses: tuple[Cosigner, ...] = ()
    """Who cosigns the checkpoints. Empty: nobody, and then a history that is replaced as a whole by one who
    has the node's key is found only by those who kept an older checkpoint, such as a notification's."""
    ask: Duration = Duration(10.0)
    """How often the witnesses are asked while there is something new. Ten seconds: what a thief of the key
    could still rewrite unseen, against one request a witness."""
    timeout: Duration = Duration(5.0)
    """How long a witness may take. Nothing waits for it, so it is long enough for a slow line."""


class Witness(Section, frozen=True, kw_only=True):
    """A ledger whose checkpoints this node cosigns, once it has seen that each continues the one before."""

    key: str
    """The log's verifier key (C2SP vkey), as `gadfly ledger witness` on its node prints it."""
    origin: str = ""
    """The first line of its checkpoints. Empty: the name in the key, as C2SP recommends."""
