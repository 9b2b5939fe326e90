"""Page: what every report shares."""
