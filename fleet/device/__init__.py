"""Device: what it is, what it asks with, what lets it in, and its secrets."""
