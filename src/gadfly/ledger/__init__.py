"""The ledger: what happened and who answers for it, append-only, hashed into a tree and signed.

Entries are RFC 8785 JSON (:mod:`~gadfly.ledger.entry`), the tree is RFC 6962's
(:mod:`~gadfly.ledger.merkle`), its heads are C2SP checkpoints (:mod:`~gadfly.ledger.checkpoint`), served as
C2SP tiles (:mod:`~gadfly.ledger.tiles`). :class:`~gadfly.ledger.log.Log` writes it.
"""
