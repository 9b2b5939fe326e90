"""Remote systems, one module each, over HTTP: one attempt per call, and typed errors."""
