"""Floor 2: what follows, what it was worth, how it is said."""
