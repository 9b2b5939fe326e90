"""Status: why each device is as it is, by its requests, its codes and what the ledger remembers."""
