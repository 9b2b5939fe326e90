"""The provisioning API of opsconductor-pulse: its registry, its codes and its oddities."""
