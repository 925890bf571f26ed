"""Small jobs that can do nothing they were not granted: each call in a sandbox of its own, every ask checked."""
