"""Device: one device's story, and the hand-over of its secrets."""
