"""Floor 1: what may happen and what we would do. Data and pure functions, no clock."""
