"""What strikes: one file per kind, its specification and its happenings."""
