"""The host id of a cell, and what may be repaired of one that a spreadsheet or a person damaged."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fleet.device.identity import ProvesNothing
from fleet.roster.absent import is_absent, is_boolean
from fleet.roster.host_id import UnusableHostId, written_host_id
from fleet.roster.repair_mac import read_macs
from fleet.roster.repair_text import (
    GUESS,
    NOTHING,
    SAFE,
    Cause,
    Causes,
    cleaned,
    in_ascii,
    without_end,
)

_HEX = re.compile(r"[0-9a-f]{12}", re.IGNORECASE)
_MAC = re.compile(
    r"[0-9a-f]{2}([:. _-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}"
    r"|[0-9a-f]{4}([.-])[0-9a-f]{4}\2[0-9a-f]{4}",  # with colons it may be an Acusight id
    re.IGNORECASE,
)
_SHORT = re.compile(r"[0-9]{6,11}")
_FLOAT = re.compile(r"([0-9]{6,12})[.,]0+")
_SCIENTIFIC = re.compile(r"([0-9])[.,]([0-9]{11})E\+?0?11", re.IGNORECASE)
_RESEMBLING = str.maketrans("OoIl", "0011")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOCKER = re.compile(r"[2-7A-Z]{4}(?::[2-7A-Z]{4}){11}")


@dataclass(frozen=True)
class HostId:
    """The host id that a cell says, or the MACs that it says instead, and why so."""

    host_id: str | None
    causes: Causes = ()
    macs: tuple[str, ...] = ()


def are_hex(texts: Iterable[str]) -> bool:
    """Whether the host ids of a column are of 12 hex digits, as far as they are any."""
    found = False
    for text in texts:
        if _HEX.fullmatch(text):
            found = True
        elif text and _is_another(text):
            return False
    return found


def read_host_id(text: str, in_hex_column: bool) -> HostId:
    """The host id of a cell; UnusableHostId, with the remedy, when it cannot be told.

    `in_hex_column` says that the other host ids of the column have 12 hex digits.
    """
    plain, causes = cleaned(text)
    plain, end = without_end(plain)
    causes += end
    if not plain or (is_absent(plain) and not is_boolean(plain)):
        return HostId(None, (*causes, Cause("it says that there is none", NOTHING)))
    plain, foreign = in_ascii(plain)
    causes += foreign
    if _MAC.fullmatch(plain):
        return _as_mac(text, plain, causes)
    plain, cause = _repaired(plain, in_hex_column)
    try:
        return HostId(written_host_id(plain), causes + cause)
    except ProvesNothing as error:
        return HostId(None, (*causes, *cause, Cause(str(error), NOTHING)))


def host_id_among_macs(text: str) -> str | None:
    """The host id that a column of MACs holds by mistake; None when it is none."""
    plain, _ = cleaned(text)
    is_one = _HEX.fullmatch(plain) or _UUID.fullmatch(plain) or _DOCKER.fullmatch(plain)
    return plain if is_one else None


def _as_mac(text: str, plain: str, causes: Causes) -> HostId:
    try:
        found = read_macs(plain)
    except ValueError:
        written_host_id(plain)
        raise UnusableHostId(
            f"{text!r} is no host id", "Give the host id printed on the box"
        ) from None
    if not found.macs:
        return HostId(None, (*causes, *found.causes))
    cause = Cause("it is a MAC address, which would be used as one", GUESS)
    return HostId(None, (*causes, *found.causes, cause), found.macs)


def _repaired(text: str, in_hex_column: bool) -> tuple[str, Causes]:
    """A host id of 12 digits, where the text can be no other; else the text itself."""
    if _HEX.fullmatch(text):
        return text, ()
    bare = re.sub(r"\s", "", text)
    if bare != text and _HEX.fullmatch(bare):
        return bare, (Cause("there are no spaces in a host id", GUESS),)
    if _HEX.fullmatch(text[2:]) and text[:2].lower() == "0x":
        return text[2:], (Cause("0x before it is the sign of hex digits", SAFE),)
    if len(text) == 12 and _HEX.fullmatch(text.translate(_RESEMBLING)):
        why = "a host id of 12 characters has hex digits only: 0 for O, 1 for I and l"
        return text.translate(_RESEMBLING), (Cause(why, GUESS),)
    return _from_number(text, in_hex_column)


def _from_number(text: str, in_hex_column: bool) -> tuple[str, Causes]:
    causes: Causes = ()
    digits = text
    if number := _FLOAT.fullmatch(text):
        digits, causes = number[1], (Cause("a program made a number with a point of it", SAFE),)
    elif number := _SCIENTIFIC.fullmatch(text):
        digits = str(int(Decimal(f"{number[1]}.{number[2]}E11")))
        causes = (Cause("it has all of its 12 digits, as a number", GUESS),)
    if _SHORT.fullmatch(digits) and in_hex_column:
        why = "the other host ids of the column have 12 hex digits: zeros before it were lost"
        return digits.zfill(12), (*causes, Cause(why, GUESS))
    return (digits, causes) if _HEX.fullmatch(digits) else (text, ())


def _is_another(text: str) -> bool:
    """Whether a cell holds a host id of another kind, such as a UUID."""
    if is_absent(text):
        return False
    try:
        written_host_id(text)
    except ValueError:
        return False
    return True
