"""What owners are told: letters, notices and reports."""
