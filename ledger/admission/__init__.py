"""Admission: the record of decisions, and reviews."""
