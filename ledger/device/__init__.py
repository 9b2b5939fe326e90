"""Device: secrets and who took them, and one device's story."""
