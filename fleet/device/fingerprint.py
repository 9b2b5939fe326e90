"""Fingerprints: the exact expiry by which an enrollment is found again, and known to be ours.

A LEM config has no name. The millisecond of its expiry, within its minute, is one of a few that
belong to the site. So a ledger that was restored from an older backup knows a config that Muster
made for the site since, and takes it instead of making another.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from fleet.device.enrollment import FINGERPRINT_ROOM

MILLISECOND = timedelta(milliseconds=1)
_ROOM = FINGERPRINT_ROOM // MILLISECOND
_OF_A_SITE = 4  # configs that one site may have with the same minute of expiry
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fingerprints(site: str, before: datetime) -> Iterator[datetime]:
    """Those of the site within FINGERPRINT_ROOM before that instant, whole milliseconds."""
    limit = (before - _EPOCH) // MILLISECOND
    for residue in _residues(site):
        yield _EPOCH + (limit - (limit - residue) % _ROOM) * MILLISECOND


def is_of_site(site: str, expires_at: datetime) -> bool:
    """Whether an enrollment with that expiry was made for the site: by chance, 1 in 15,000 is."""
    return (expires_at - _EPOCH) // MILLISECOND % _ROOM in set(_residues(site))


def _residues(site: str) -> Iterator[int]:
    """Milliseconds of a minute that belong to the site."""
    for number in range(_OF_A_SITE):
        digest = hashlib.sha256(f"muster enrollment {number} of {site}".encode()).digest()
        yield int.from_bytes(digest[:8]) % _ROOM
