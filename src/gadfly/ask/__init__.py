"""Socratic questions from the system's own data.

::

    stores, catalogue, files ──facts (tables)──▶ kinds (a query, a sentence) ──▶ findings
        ──life: two sightings, quiet times, budgets, order──▶ question ──▶ owner ──▶ answer ──▶ ledger

A kind is one file in `kinds/`: what was assumed, the query, its thresholds and the sentence.
"""
