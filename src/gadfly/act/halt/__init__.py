"""What people halt, or do past those who could not be asked: stops, freezes and break-glass."""
