"""System: connections are checked, integrations are configured."""
