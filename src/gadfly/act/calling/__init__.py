"""What calls for an automation, when, and what is announced before."""
