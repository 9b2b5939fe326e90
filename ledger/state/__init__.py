"""State: claims, the journal, enrollments and device records."""
