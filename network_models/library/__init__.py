"""Ready networks as data."""
