"""Device: one device is explained, retired, handed its secrets; tokens are issued and rotated."""
