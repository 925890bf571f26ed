"""Small jobs that can do nothing they were not granted: each call in its own sandbox, every ask checked."""
