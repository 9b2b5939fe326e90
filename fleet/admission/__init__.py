"""Admission: policy, evidence, suspicions, reviews and decisions."""
