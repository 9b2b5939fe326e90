"""The shapes that a toy system sends."""

from systems.shared.wire import Instant, Received, Secret, Text


class Badge(Received):
    """What a registered device enters with, shown only now."""

    badge: Secret
    expires_at: Instant


class Key(Received):
    """What a device that entered works with, shown only now."""

    key: Secret


class ToyDevice(Received):
    """A device as it is listed: *new* until it has entered, then *in*."""

    name: str
    site: Text = ""
    state: Text = ""
