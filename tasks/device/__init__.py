"""Device: what is told of one device, and done to one."""
