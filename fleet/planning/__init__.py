"""Planning: from what is desired, observed and remembered to what is done next."""
