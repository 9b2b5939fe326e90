"""What is desired, observed and remembered of a site, and whose each request is."""
