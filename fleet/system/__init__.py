"""System: the port that every system implements, and its profile."""
