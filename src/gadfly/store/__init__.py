"""What must outlive the process: one SQLite file, one writer, and one module for each thing kept in it."""
