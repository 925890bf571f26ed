"""Plans are made: targets selected and counted, what must hold afterwards, and how an act is taken back."""
