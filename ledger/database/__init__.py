"""Database: the connection, the tables, and the step that prepares them."""
