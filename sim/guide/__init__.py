"""The rules: reads a Record, never a World."""
