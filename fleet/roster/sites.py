"""Lines of other sites: a workbook may hold many, and each run takes the lines of its own."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fleet.roster.cells import is_site
from fleet.roster.table import Row

_NAMED = 10
_SHORT = 2  # letters: "hall-a" and "hall-b" are two sites, and no typo


@dataclass
class OfSite:
    """The rows of one site, and how many lines of which others there are."""

    rows: list[Row] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    @property
    def note(self) -> str:
        """How many lines were left out, and of which sites; "" for none."""
        if not self.others:
            return ""
        count = self.others.total()
        lines = "1 line of another site was" if count == 1 else f"{count:,} lines of others were"
        return f"{lines} left out: {named_sites(self.others)}."


def named_sites(others: Counter[str]) -> str:
    """Sites and their lines: "plant-8 (30), plant-9 (10)"; the largest of very many."""
    shown = ", ".join(f"{name} ({number:,})" for name, number in others.most_common(_NAMED))
    more = len(others) - _NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def of_site(rows: Sequence[Row], columns: Sequence[int], site: str) -> OfSite:
    """The rows that name this site, none, or one so alike that it may be a typo of it."""
    if not columns:
        return OfSite([*rows])
    found, known = OfSite(), dict[tuple[str, ...], str]()
    for row in rows:
        texts = tuple(row.cells[i].strip() for i in columns if i < len(row.cells))
        if texts not in known:
            known[texts] = _other(texts, site)
        if known[texts] and not row.problem:
            found.others[known[texts]] += 1
        else:
            found.rows.append(row)
    return found


def _other(texts: Sequence[str], site: str) -> str:
    """The other site that the cells name, or ""."""
    named = [text for text in texts if text and site]
    if any(is_site(text, site) or is_nearly(text, site) for text in named):
        return ""
    return named[0] if named else ""


def is_nearly(text: str, site: str) -> bool:
    """Whether it is the site's name but for one letter; another number is another site."""
    one, two = _words(text), _words(site)
    if not one or _numbers(one) != _numbers(two):
        return False
    if [len(word) <= _SHORT for word in one] == [len(word) <= _SHORT for word in two] and any(
        a != b and a.isalpha() and len(a) <= _SHORT for a, b in zip(one, two, strict=True)
    ):
        return False
    return _is_one_off("-".join(one), "-".join(two))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s_-]+", text.strip().casefold()) if word]


def _numbers(words: Sequence[str]) -> list[int]:
    return [int(each) for each in re.findall(r"[0-9]{1,9}", " ".join(words))]


def _is_one_off(one: str, two: str) -> bool:
    """Whether one letter was left out, put in or replaced, or two changed places."""
    short, long = sorted((one, two), key=len)
    if len(long) - len(short) > 1 or one == two:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = long[:start] + long[start : start + 2][::-1] + long[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or short == swapped
