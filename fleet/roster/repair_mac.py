"""MACs in every notation, several in a cell, and what may be repaired of one that is none."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from fleet.device.identity import ProvesNothing, normal_mac
from fleet.roster.absent import is_absent
from fleet.roster.repair_text import GUESS, NOTHING, SAFE, Cause, Causes, cleaned, in_ascii

_BETWEEN = re.compile(r"[\s,;|/&+]+")
_LABEL = re.compile(
    r"\b(?:primary|secondary|base|mac|address|addr|(?:w?lan|wan|wifi|wlp|eth|enp?|eno|nic|port)"
    r"[0-9a-z]{0,5}) ?[:=#]\s*",
    re.IGNORECASE,
)
_MAC = re.compile(
    r"(?<![\w:.-])(?:"
    r"[0-9a-f]{1,2}(?:(?P<pairs>[:._-])[0-9a-f]{1,2})(?:(?P=pairs)[0-9a-f]{1,2}){4}"
    r"|[0-9a-f]{2}(?: [0-9a-f]{2}){5}"
    r"|[0-9a-f]{4}(?P<fours>[ :._-])[0-9a-f]{4}(?P=fours)[0-9a-f]{4}"
    r"|[0-9a-f]{6}[ :._-][0-9a-f]{6}"
    r"|(?:0x)?[0-9a-f]{12}"
    r")(?!\w|[:.-]\w)",
    re.IGNORECASE,
)
_REGULAR = re.compile(r"[0-9a-f]{2}(?:[:.-]?[0-9a-f]{2}){5}", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+[.,][0-9]+(?:E[+-]?[0-9]{1,3})?", re.IGNORECASE)
_SEPARATORS = re.compile(r"(?:[\s,;|/&+()\[\]{}<>\"']|\b(?:and|und|et|y|e|or|oder)\b)*", re.I)
_WORDS = re.compile(r"[^0-9]*(?:\b[a-z]+[0-9]{1,2}\b[^0-9]*)*", re.IGNORECASE)
_OCTET = re.compile(r"[:._-]")
_DECIMAL = re.compile(r"[0-9]{6,11}")
_RESEMBLING = str.maketrans("OoIl", "0011")
_LOST_ZEROS = "a spreadsheet drops the zeros before a number, and a MAC address has 12 digits"


@dataclass(frozen=True)
class Macs:
    """The MACs that a cell says, each once, and why they are not what it says to the letter."""

    macs: tuple[str, ...]
    causes: Causes = ()


def read_macs(text: str) -> Macs:
    """The MACs of a cell; ValueError, naming what is none, when they cannot be told."""
    parts = _BETWEEN.split(text)
    if all(map(_REGULAR.fullmatch, parts)):
        with suppress(ValueError):
            return Macs(_unique(map(normal_mac, parts)))
    text, causes = cleaned(text)
    if not text or is_absent(text):
        return Macs((), (*causes, Cause("it says that there is none", NOTHING)))
    text, foreign = in_ascii(text)
    found = _found(text)
    return Macs(found.macs, (*causes, *foreign, *found.causes))


def _found(text: str) -> Macs:
    """All MACs in a text: whatever else it holds must be words."""
    bare = _LABEL.sub(" ", text)
    spelled = [match[0] for match in _MAC.finditer(bare)]
    rest = _MAC.sub(" ", bare)
    if not spelled:
        return _each(text)
    if _SEPARATORS.fullmatch(rest):
        label = () if bare == text else (Cause("only the rest of it is its MAC address", GUESS),)
        return _together(spelled, label)
    if _WORDS.fullmatch(rest):
        return _together(spelled, (Cause("only that of it is a MAC address", GUESS),))
    return _each(text)


def _each(text: str) -> Macs:
    """The same when each part between separators must be one."""
    if _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is a number: a spreadsheet made it of something else")
    parts = [part for part in _BETWEEN.split(text) if part] or [text]
    repaired = [_repaired(part) for part in parts]
    joined = _together([part for part, _ in repaired], ())
    return Macs(joined.macs, (*(each for _, cause in repaired for each in cause), *joined.causes))


def _repaired(part: str) -> tuple[str, Causes]:
    if _DECIMAL.fullmatch(part):
        return part.zfill(12), (Cause(_LOST_ZEROS, GUESS),)
    alike = part.translate(_RESEMBLING)
    if alike != part and _MAC.fullmatch(alike):
        return alike, (
            Cause("only hex digits are in a MAC address: 0 for O, 1 for I and l", GUESS),
        )
    return part, ()


def _together(spelled: list[str], causes: Causes) -> Macs:
    macs: dict[str, None] = {}
    more: list[Cause] = []
    for each in spelled:
        plain, cause = _whole(each)
        more += cause
        if not _REGULAR.fullmatch(plain):
            raise ValueError(f"{each!r} is not a MAC address")
        try:
            macs[normal_mac(plain)] = None
        except ProvesNothing as error:
            more.append(Cause(str(error), NOTHING))
    return Macs(tuple(macs), (*causes, *dict.fromkeys(more)))


def _whole(spelled: str) -> tuple[str, Causes]:
    """One MAC with all of its digits."""
    if spelled[:2].lower() == "0x" and len(spelled) == 14:
        return spelled[2:], (Cause("0x before it is the sign of hex digits", SAFE),)
    octets = _OCTET.split(spelled)
    short = sum(len(octet) == 1 for octet in octets)
    if len(octets) != 6 or not short:
        return re.sub("[ _]", "", spelled), ()
    if any(len(octet) == 2 and octet[0] == "0" for octet in octets):
        raise ValueError(f"{spelled!r} is not a MAC address: a digit of it is missing")
    cause = Cause("some programs leave out the zero before a digit", short > 1)
    return ":".join(octet.zfill(2) for octet in octets), (cause,)


def _unique(macs: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(macs))
