"""The pages that people read, and what is named on them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HISTORY = ("docs/decisions/", "CHANGELOG.md")  # they name what was there when they were written
PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/*.md")]
)
# `fleet/device/device.py`, `deployments/policies/`, `docs/roster.md`; not `var/…`, a URL
_PATH = re.compile(r"`(?:bash )?([\w.-]+/[\w./-]*)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_MAKE = re.compile(r"\bmake ((?:[a-z-]+(?: |\b))+)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def links_of(page: str) -> list[str]:
    """Where the page's links lead to, except to other hosts."""
    return [link for link in _LINK.findall(text_of(page)) if "://" not in link]


def paths_of(page: str) -> list[str]:
    """What the page calls a file or folder of this repository."""
    tops = {path.name for path in ROOT.iterdir()} - {"var"}
    found = _PATH.findall(text_of(page))
    return [path for path in found if path.split("/")[0] in tops or path.endswith(".py")]


def anchors_of(page: Path) -> set[str]:
    """The anchors of the page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def targets_of(page: str) -> set[str]:
    """The targets in the page's commands `make …`."""
    code = re.findall(r"```.*?```|`[^`]+`", text_of(page), re.DOTALL)
    calls = (call for piece in code for call in _MAKE.findall(piece))
    return {target for call in calls for target in call.split()}
