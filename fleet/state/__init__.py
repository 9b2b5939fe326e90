"""State: what is observed and remembered of a site, and whose each request is."""
