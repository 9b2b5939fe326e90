"""URLs of buckets and file servers: what they look like, and which lies within which."""

import re
from dataclasses import dataclass
from typing import Self

# Which Python package of its own each needs; memory is for tests.
DRIVERS = {"s3": "s3fs", "az": "adlfs", "gs": "gcsfs", "sftp": "paramiko", "memory": ""}
SCHEMES = "s3://, az://, gs:// or sftp://"
_SAME = {"s3a": "s3", "abfs": "az", "abfss": "az", "gcs": "gs"}
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9][a-z0-9._-]*(?::\d{1,5})?)((?:/[^/]+)*)/?", re.I)
# A driver may take these for patterns, queries, chains or escapes of other signs.
_REFUSED = re.compile(r"[\x00-\x1f\x7f*?#%\\\[\]{}@|]|::")


class NotStorage(ValueError):
    """An address that is not read; the message says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class StorageUrl:
    """A bucket or server, and the way there: *s3://plant-rosters/north/plant-7.xlsx*."""

    scheme: str
    host: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, written: str) -> Self:
        """The parts of a URL; NotStorage where it is none, or may mean more than one place."""
        if "@" in written:
            raise NotStorage(
                "it holds a user name or password, or an account, which belong into the worker's "
                "environment"
            )
        found = _URL.fullmatch(written)
        if not found or _REFUSED.search(written):
            raise NotStorage("it is no plain address such as s3://plant-rosters/north/plant-7.xlsx")
        scheme = _SAME.get(found[1].lower(), found[1].lower())
        parts = tuple(found[3].split("/")[1:])
        if scheme not in DRIVERS:
            raise NotStorage(f"it begins with {scheme}://, and not with {SCHEMES}")
        if {".", ".."} & {each.strip() for each in parts}:
            raise NotStorage("its path holds '.' or '..'")
        if ":" in found[2] and scheme != "sftp":
            raise NotStorage("it names a port")
        return cls(scheme, found[2].lower(), parts)

    def holds(self, other: "StorageUrl") -> bool:
        """Whether `other` is this, or lies below it."""
        same = (self.scheme, self.host) == (other.scheme, other.host)
        return same and other.parts[: len(self.parts)] == self.parts

    @property
    def path(self) -> str:
        """As its driver wants it: of a server the path alone, else with the bucket."""
        inner = "/".join(self.parts)
        return f"/{inner}" if self.scheme == "sftp" else f"{self.host}/{inner}"

    def __str__(self) -> str:
        return "/".join((f"{self.scheme}://{self.host}", *self.parts))
