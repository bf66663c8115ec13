"""Where weather comes from: one file per origin, and the overlays."""
