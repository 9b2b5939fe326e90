"""Status: how each device stands, by its requests, its codes and what is remembered."""
