"""Runtime: settings, clock, expected errors, forms, runs and report files."""
