"""What owners can bear, and what comes to them."""
