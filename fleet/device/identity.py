"""Identity: what a machine says of itself that can be compared, a host id and MACs."""

import re
from dataclasses import dataclass

_HEX = re.compile(r"[0-9a-f]{12}")
_MAC_SEPARATORS = str.maketrans("", "", ":-.")
_HOST_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,63}")  # ASCII: a Kelvin sign is no k
# Bytes that many machines share: written as an example, or given to a virtual adapter.
_SHARED_MACS = {
    "00:00:00:00:00:00": "is what an adapter without an address shows",
    "00:11:22:33:44:55": "is an example",
    "12:34:56:78:90:ab": "is an example",
    "12:34:56:78:9a:bc": "is an example",
    "aa:bb:cc:dd:ee:ff": "is an example",
    "02:00:00:00:00:00": "is what a system shows that hides the real one",
    "0a:00:27:00:00:00": "is the same on every machine with VirtualBox",
    "00:50:56:c0:00:01": "is the same on every machine with VMware",
    "00:50:56:c0:00:08": "is the same on every machine with VMware",
    "00:05:9a:3c:7a:00": "is the same on every machine with Cisco's VPN",
    "fe:ff:ff:ff:ff:ff": "is the same on every bridge of Xen",
}
_SHARED_HOST_IDS = {"default", "localhost", "none", "null", "undefined", "unknown"}


class ProvesNothing(ValueError):
    """A MAC or host id that no machine has, or many have: it stands where none is known."""


def normal_mac(text: str) -> str:
    """`text` as lower-case, colon-separated MAC; ValueError when it is not one.

    Accepts the usual spellings: aa:bb:cc:dd:ee:ff, AA-BB-…, aabb.ccdd.eeff, aabbccddeeff.
    """
    digits = text.strip().lower().translate(_MAC_SEPARATORS)
    if not _HEX.fullmatch(digits):
        raise ValueError(f"{text.strip()!r} is not a MAC address")
    mac = ":".join(digits[i : i + 2] for i in range(0, 12, 2))
    if shared := _SHARED_MACS.get(mac):
        raise ProvesNothing(f"{mac} proves nothing: it {shared}")
    if int(mac[:2], 16) & 1:
        error = ProvesNothing if mac == "ff:ff:ff:ff:ff:ff" else ValueError
        raise error(f"{mac} is a broadcast or multicast address, which no device has")
    return mac


def is_shared_mac(mac: str) -> bool:
    """Whether many machines show this MAC, which is in its normal spelling."""
    return mac in _SHARED_MACS


def printed_host_id(text: str) -> str:
    """`text` as host id, in the case it is printed in; ValueError when it cannot be one.

    One that many machines show, such as 000000000000 or unknown, is none.
    """
    host_id = text.strip()
    if not _HOST_ID.fullmatch(host_id):
        raise ValueError(f"{host_id!r} is not a host id")
    is_one_character = len(host_id) > 3 and len(set(host_id.lower())) == 1
    if is_one_character or host_id.lower() in _SHARED_HOST_IDS:
        raise ProvesNothing(f"{host_id!r} proves nothing: many machines show it")
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

    def contradiction(self, observed: "Identity", source: str = "the roster says") -> str:
        """What `observed` shows that cannot be of this machine, with both values; "" when nothing.

        A host id that is not shown is absent. Of several MACs one is enough, for a machine need
        not show all of its adapters; showing only others contradicts. `source` introduces what is
        known of this machine.
        """
        found = []
        if self.host_id and observed.host_id and self.host_id != observed.host_id:
            found.append(f"its host id is {observed.host_id}, and {source} {self.host_id}")
        if self.macs and observed.macs and not self.macs & observed.macs:
            shown, expected = (", ".join(sorted(macs)) for macs in (observed.macs, self.macs))
            found.append(f"its MACs are {shown}, and {source} {expected}")
        return "; ".join(found)

    def traits(self) -> frozenset[str]:
        """What no two machines share: {"host id 43e210471948", "MAC 02:df:39:32:24:99"}."""
        host = {f"host id {self.host_id}"} if self.host_id else set()
        return frozenset(host | {f"MAC {mac}" for mac in self.macs})

    def __str__(self) -> str:
        return ", ".join(sorted(self.traits())) or "no identity"
