"""Admission: what a review shows, and a policy's back-test."""
