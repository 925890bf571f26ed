"""The gate's book: everything that is written, each change with its ledger entry."""
