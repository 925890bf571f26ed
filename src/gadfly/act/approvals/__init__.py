"""A person's word: approvals of plans, consents of owners, and what waits for either."""
