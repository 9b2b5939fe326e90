"""The nouns and rules of bringing devices into service: no I/O, no clock, no Prefect."""
