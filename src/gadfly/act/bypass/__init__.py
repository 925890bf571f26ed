"""What is done past the gate is found and said."""
