"""Approvers: who is enrolled, and what proves that it is them."""
