"""One file per network format."""
