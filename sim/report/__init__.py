"""The edge: tables into words and pictures."""
