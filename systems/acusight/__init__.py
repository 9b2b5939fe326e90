"""Acusight: devices are provisioned with a token of their organization."""
