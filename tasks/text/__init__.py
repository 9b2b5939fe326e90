"""Text that a form gives: pasted, or a path or URL that leads where the operator allows it."""
