"""Where to start: which of a host's scheduled jobs are fit to become functions, and why the others are
not."""
