"""Keys: what seals secrets, and what vouches for all that is acted upon."""
