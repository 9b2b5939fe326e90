"""Action: what may be asked of a system, with codes and phrases."""
