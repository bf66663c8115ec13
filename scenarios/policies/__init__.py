"""What we decide: one file per decision, what is seen and what may be ordered."""
