"""provision_api: devices are registered with a tenant, and activated by a one-time code."""
