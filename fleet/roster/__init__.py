"""Roster: a site's spreadsheet, its lines and their faults."""
