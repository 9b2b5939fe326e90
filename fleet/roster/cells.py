"""What the cells of a roster may hold, column by column, and the remedy where they hold else."""

import re

from fleet.device.device import NAME_PATTERN
from fleet.roster.absent import is_boolean, is_error, names_nothing

REMEDIES = {
    "device": "Use letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit",
    "zero_touch": "Give the profile's name as its system shows it, or leave the cell empty",
    "connection": "Give the name of a connection, in lower-case letters, digits and dashes, or "
    "leave the cell empty for the connection of the run",
    "mac": "Write six pairs of hex digits, such as 00:1a:2b:3c:4d:5e; separate several by spaces",
}
CONNECTION_PATTERN = r"^[a-z0-9]+(-+[a-z0-9]+)*$"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")


def name_in(text: str) -> str:
    """The device's name; ValueError when it cannot be one."""
    if names_nothing(text):
        raise ValueError(f"{text!r} names no device")
    if _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is a date: a spreadsheet made it of something else")
    if not re.fullmatch(NAME_PATTERN, text):
        raise ValueError(f"{text!r} cannot be a device's name")
    return text


def profile_in(text: str) -> str:
    """The name of a zero-touch profile; ValueError when it cannot be one."""
    if not text.isprintable() or is_error(text) or is_boolean(text):
        raise ValueError(f"{text!r} cannot be a profile's name")
    return text


def connection_in(text: str) -> str:
    """The name of a connection, in lower case; ValueError when it cannot be one."""
    if not re.fullmatch(CONNECTION_PATTERN, text.lower()):
        raise ValueError(f"{text!r} cannot be a connection's name")
    return text.lower()


def is_site(text: str, site: str) -> bool:
    """Whether a cell names the site, be it in other case or with spaces for dashes."""
    return plain_site(text) == plain_site(site)


def plain_site(text: str) -> str:
    """The name of a site without case, and with one dash for what is between its words."""
    return re.sub(r"[\s_-]+", "-", text.strip().casefold())
