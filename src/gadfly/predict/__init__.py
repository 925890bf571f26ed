"""What will be, early enough to act, and how often that was right."""
