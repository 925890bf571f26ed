"""What may be done, by whom, how much of it, and until when: the gate and what stands around it.

The way of every act: a **trigger** makes a **plan** (its targets resolved and counted); the **gate** asks
every **guard** about it, in a **situation**; what is allowed becomes an **intent** in the ledger, with a
reservation of what it may use, before any effect; a **capability** carries that permission to the executor
for a few seconds; a different principal measures the **outcome**.

Theory of operation: :func:`~gadfly.act.gate.decide` is pure, and so is each guard in :mod:`gadfly.act.guard`.
:mod:`~gadfly.act.book` reads the situation, decides and writes the intent in one transaction of the store;
two gates on one file therefore cannot both spend what is left.
"""
