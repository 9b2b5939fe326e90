"""Device: its identity, its requests, enrollments and secrets."""
