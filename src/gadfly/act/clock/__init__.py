"""Time that nobody can set back, and clocks that jump."""
