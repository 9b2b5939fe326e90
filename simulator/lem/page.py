"""One page of a long list, in the paged object some of LEM's lists come in."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.lem.settings import LemSettings
from simulator.replies import Refused

MOST = 2**31 - 1  # what Java calls an int


def page_asked(query: Mapping[str, str], settings: LemSettings) -> tuple[int, int]:
    """Which page a client wants, counted from zero, and of what length."""
    page = _number(query, settings.page_parameter, 0, least=0)
    return page, _number(query, settings.limit_parameter, settings.page_limit, least=1)


def cut(found: Sequence[Any], page: int, limit: int) -> tuple[Sequence[Any], dict[str, int]]:
    """The elements of one page and the numbers around them; `size` is of this page alone."""
    elements = found[page * limit : (page + 1) * limit]
    numbers = {
        "pageNum": page,
        "pagesCount": -(-len(found) // limit),
        "size": len(elements),
        "totalSize": len(found),
    }
    return elements, numbers


def _number(query: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or not least <= int(text[:20]) <= MOST:
        raise Refused(400, f"{name} is not a number of at least {least}")
    return int(text)
