"""Roster: the lines of a spreadsheet, and what is wrong with them."""
