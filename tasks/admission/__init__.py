"""Admission: people are asked, and what they decide is recorded."""
