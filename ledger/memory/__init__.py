"""Memory: what is remembered of a site's devices, for planning."""
