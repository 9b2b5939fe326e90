"""Identity: what a machine says of itself that can be compared, a host id and MACs."""

import re
from dataclasses import dataclass

_HEX = re.compile(r"[0-9a-f]{12}")
_MAC_SEPARATORS = str.maketrans("", "", ":-.")
_HOST_ID = re.compile(r"[0-9a-z][0-9a-z._:-]{0,63}")


def normal_mac(text: str) -> str:
    """`text` as lower-case, colon-separated MAC; ValueError when it is not one.

    Accepts the usual spellings: aa:bb:cc:dd:ee:ff, AA-BB-…, aabb.ccdd.eeff, aabbccddeeff.
    """
    digits = text.strip().lower().translate(_MAC_SEPARATORS)
    if not _HEX.fullmatch(digits):
        raise ValueError(f"{text.strip()!r} is not a MAC address")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def printed_host_id(text: str) -> str:
    """`text` as host id, in the case it is printed in; ValueError when it cannot be one."""
    host_id = text.strip()
    if not _HOST_ID.fullmatch(host_id.lower()):
        raise ValueError(f"{host_id!r} is not a host id")
    return host_id


def normal_host_id(text: str) -> str:
    """`text` as host id in lower case, in which host ids are compared; ValueError as above."""
    return printed_host_id(text).lower()


@dataclass(frozen=True, slots=True)
class Identity:
    """A host id (or none) and any number of MACs, both in their normal spelling."""

    host_id: str | None = None
    macs: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.host_id is not None or bool(self.macs)

    def shares_with(self, other: "Identity") -> list[str]:
        """What both share, such as ["host id 43e210471948"]; empty when nothing."""
        same_host = self.host_id is not None and self.host_id == other.host_id
        shared = [f"host id {self.host_id}"] if same_host else []
        return shared + [f"MAC {mac}" for mac in sorted(self.macs & other.macs)]

    def traits(self) -> frozenset[str]:
        """What no two machines share: {"host id 43e210471948", "MAC 02:df:39:32:24:99"}."""
        host = {f"host id {self.host_id}"} if self.host_id else set()
        return frozenset(host | {f"MAC {mac}" for mac in self.macs})

    def __str__(self) -> str:
        return ", ".join(sorted(self.traits())) or "no identity"
