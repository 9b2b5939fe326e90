"""The entries of a list: one that cannot be read is left out and told, and blinds us to no other.

For example LEM's list of requests, of which the fourth has no `entryID`: all others are read, and
`unreadable` is ("GET /api/v1/activation/request: entry 3.entryID",).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from systems.shared.errors import NotJson, TooLarge
from systems.shared.http import parse
from systems.shared.wire import Listed

T = TypeVar("T")

MOST = 100_000  # entries: more than any list has, and read in a few seconds
_MOST_UNREADABLE = 100
_LIST = TypeAdapter(Listed[Any])

# Half of a character that is written as two escapes; a pair of them, or any other escape, is whole.
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"(?s)%s|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\." % _PAIR)


class Entries(list[T]):
    """The entries that could be read, and where it was that others could not."""

    def __init__(self, entries: Iterable[T] = (), unreadable: Sequence[str] = ()) -> None:
        super().__init__(entries)
        self.unreadable = tuple(unreadable)


def entries_of(one: TypeAdapter[T], name: str, body: bytes) -> Entries[T]:
    """The entries in `body`, a list; NotJson when it is none."""
    listed = parse_around(_LIST, name, body)
    return entries(one, name, listed)


def parse_around(adapter: TypeAdapter[T], name: str, body: bytes) -> T:
    """`body`, of which a list is a part, with a replacement for each half of a character in it."""
    try:
        return parse(adapter, name, body)
    except NotJson:
        whole = _ESCAPE.sub(_replaced, body.decode(errors="replace").encode())
        if whole == body:
            raise
    return parse(adapter, name, whole)


def entries(one: TypeAdapter[T], name: str, listed: Sequence[Any]) -> Entries[T]:
    """`listed`, each as `one` has it; NotJson when none can be read, or a great many cannot."""
    if len(listed) > MOST:
        raise TooLarge(name, f"the answer lists more than {MOST:,} entries")
    found: list[T] = []
    unreadable: list[str] = []
    for number, entry in enumerate(listed):
        try:
            found.append(one.validate_python(entry))
        except ValidationError as error:
            unreadable.append(_place(number, error))
            if len(unreadable) > _MOST_UNREADABLE:
                break
    if unreadable and (not found or len(unreadable) > _MOST_UNREADABLE):
        raise NotJson(name, f"the answer is unlike its document at {unreadable[0]!r}")
    return Entries(found, [f"{name}: entry {place}" for place in unreadable])


def _place(number: int, error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return ".".join(map(str, (number, *first["loc"])))


def _replaced(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape["half"] else escape[0]
