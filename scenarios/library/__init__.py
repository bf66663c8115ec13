"""Ready scenarios as data."""
