"""For which sites a file is: its folder says so, or its lines, or its name."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from fleet.device.device import SITE_PATTERN
from fleet.roster.choices import Choices
from fleet.roster.mapping import Sureness
from fleet.roster.reading import Reading, reading_of
from fleet.roster.table import Sent
from fleet.text.expected import ExpectedError
from tasks.inbox.folder import Dropped

MOST_SITES = 50  # of one file: each is observed, and has a plan that keeps the file
_HINT = " A file that is named after a site, as plant-7.xlsx, needs neither once it is onboarded."


class NoSite(ExpectedError):
    """Nothing says for which site a file is, or very many sites are named."""


def sites_of(sent: Sent, file: Dropped, choices: Choices, known: Collection[str]) -> list[str]:
    """The sites whose lines are in a file: *plant-7* of *inbox/plant-7/july.xlsx*.

    Raises NoSite where neither its folder, nor a column of sites, nor its name says one. A name
    counts only if it is that of a site that is `known`: most are called *inventory* or *export*.
    """
    if file.folder:
        return [_site(file.folder, f"the folder {file.folder}")]
    reading, stem = reading_of(sent, choices=choices), _normal(PurePosixPath(file.name).stem)
    named = dict.fromkeys(text for line in reading.lines for text in line.texts("site"))
    if stem in known and not (named and _names_sites(reading)):
        return [stem]
    if not named:
        raise NoSite(
            f"For which site {file.name} is cannot be told. Put it into a folder of the inbox that "
            f"has the site's name, such as plant-7; or give it a column 'site'.{_HINT}"
        )
    return _few(dict.fromkeys(_site(text, f"the cell {text!r}") for text in named))


def _few(sites: Collection[str]) -> list[str]:
    if len(sites) > MOST_SITES:
        raise NoSite(
            f"It has lines of {len(sites):,} sites, and a file of the inbox may have those of "
            f"{MOST_SITES}. Divide it, or check what its column of sites holds."
        )
    return [*sites]


def _names_sites(reading: Reading) -> bool:
    """Whether the column is surely of sites: one that is called *Location* may be of halls."""
    sureness = {each.sureness for each in reading.columns.columns if each.field == "site"}
    return not sureness & {Sureness.SYNONYM, Sureness.CONTENT}


def _normal(text: str) -> str:
    """The name of a site as Muster spells it: "Plant 7" is plant-7."""
    return re.sub(r"[\s_]+", "-", text.strip().lower())


def _site(text: str, where: str) -> str:
    """The site that a text names; NoSite where it can be none."""
    site = _normal(text)
    if not re.fullmatch(SITE_PATTERN, site):
        raise NoSite(
            f"For which site it is cannot be told: {where} is no site's name. A site's name has "
            "lower-case letters, digits and dashes, such as plant-7."
        )
    return site
