"""Guards prove themselves on synthetic requests."""
