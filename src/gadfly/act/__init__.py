"""What may be done, by whom, how much of it, and until when: the gate and what stands around it.

The way of every act: a **trigger** makes a **plan** (its targets resolved and counted); the **gate** asks
every **guard** about it, in a **situation**; what is allowed becomes an **intent** in the ledger, with a
reservation of what it may use, before any effect; a **capability** carries that permission to the executor
for a few seconds; a different principal measures the **outcome**.

Theory of operation: :func:`~gadfly.act.gate.decide` is pure, and so is each guard in :mod:`gadfly.act.guard`.
:mod:`~gadfly.act.books.book` reads the situation, decides and writes the intent in one transaction of the
store; two gates on one file therefore cannot both spend what is left.

Where things are, in the order of an act: `calling` what calls for it, `plans` the plan, `grants` and
`approvals` who may, `gate` and `guard` the decision, `books` what is written, `executing` and `action` the
effect, `ladder` what a record earns. Around it: `halt`, `bypass`, `doubt`, `clock`, `proof`, `owner_load` and
`mail`. The engine puts them together.
"""
