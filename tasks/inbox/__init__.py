"""The inbox: files that are dropped into a folder or bucket are planned, and come back marked."""
