"""Acusight as far as devices go: provisioning tokens, and the devices that use them."""
