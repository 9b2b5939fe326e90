"""The command `muster`: one module for each group of its subcommands."""
