"""Steps: the only place that is both Prefect and I/O."""
