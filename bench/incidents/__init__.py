"""Companies a week before an incident that happened: what their operators would have had on record by then.

Each is told from its public account alone, in the plain meaning of the documented columns. What the account does not
say is filled in as in a healthy company. Written from the accounts and `docs/facts.md`, not from the queries.
"""
