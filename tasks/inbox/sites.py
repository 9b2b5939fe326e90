"""For which sites a file is: its folder says so, or its lines, or its name."""

import re
from pathlib import PurePosixPath

from fleet.device.device import SITE_PATTERN
from fleet.roster.choices import Choices
from fleet.roster.reading import reading_of
from fleet.roster.table import Sent
from fleet.text.expected import ExpectedError
from tasks.inbox.folder import Dropped


class NoSite(ExpectedError):
    """Nothing says for which site a file is."""


def sites_of(sent: Sent, file: Dropped, choices: Choices) -> list[str]:
    """The sites whose lines are in a file: *plant-7* of *inbox/plant-7/july.xlsx*.

    Raises NoSite where neither its folder, nor a column of sites, nor its name says one.
    """
    if file.folder:
        return [_site(file.folder, f"the folder {file.folder}")]
    lines = reading_of(sent, choices=choices).lines
    named = dict.fromkeys(text for line in lines for text in line.texts("site"))
    if named:
        return list(dict.fromkeys(_site(text, f"the cell {text!r}") for text in named))
    return [_site(PurePosixPath(file.name).stem, f"the name of {file.name}")]


def _site(text: str, where: str) -> str:
    """The site that a text names: "Plant 7" is plant-7."""
    site = re.sub(r"[\s_]+", "-", text.strip().lower())
    if not re.fullmatch(SITE_PATTERN, site):
        raise NoSite(
            f"For which site it is cannot be told: {where} is no site's name. Put it into a folder "
            "of that name, such as plant-7; or give it a column 'site'; or name it plant-7.xlsx."
        )
    return site
