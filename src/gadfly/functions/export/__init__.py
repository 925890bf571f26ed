"""A function that has outgrown one machine: the same file, with what AWS needs to run it."""
