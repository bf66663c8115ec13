"""Floor 0: what stands in the ground. No time, no chance, no people."""
