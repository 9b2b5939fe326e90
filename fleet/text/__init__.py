"""Texts: what people wrote, where a fault in it stands, and what they are told."""
