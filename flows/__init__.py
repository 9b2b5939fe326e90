"""Stories: one file, one flow, same name."""
