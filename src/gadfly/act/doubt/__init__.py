"""Whether what acts are decided by is what the ledger and the disk say."""
