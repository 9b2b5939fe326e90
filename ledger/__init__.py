"""Our own record: what was meant, what came of it, and where every device stands."""
