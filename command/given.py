"""What was given to `muster plan` and `muster onboard`, checked before a server starts for it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet.device.device import SITE_PATTERN
from fleet.roster.choices import Choices, chosen_columns
from fleet.roster.repair import Acceptance
from fleet.text.expected import ExpectedError

_LONGEST = 63  # letters of a site's or a connection's name
_PLAN = r"\s*([0-9A-Fa-f]{12,64})?\s*"
_CODE = r"([A-Za-z0-9]{3,5})?"
_APPROVALS = ("as before", "by policy", "human")
_ACTIVATED_BY = ("as before", "Muster", "the device")


class Unusable(ExpectedError):
    """An argument cannot be used; the message says how it is written."""


def columns_of(given: Sequence[str] | None) -> str:
    """What --column said, as the form's *Columns* has it."""
    return "\n".join(given or ())


def check(site: str, file: Path | None, form: Mapping[str, Any]) -> None:
    """Raise an expected error for the first argument that cannot be used."""
    for is_usable, sentence in _rules(site, form):
        if not is_usable:
            raise Unusable(sentence)
    Choices(
        Acceptance.of(form.get("accept_repairs", "none")),
        chosen_columns(form.get("columns", "")),
    )
    if file is not None:
        _check_readable(file)


def check_one(site: str, file: Path | None, plan: str) -> None:
    """Raise Unusable unless either a roster or a plan was given."""
    if file is None and not plan.strip():
        raise Unusable(
            f"Name a roster or a plan: muster onboard FILE --site {site}, or muster onboard --site "
            f"{site} --plan PLAN, which muster plan FILE --site {site} names."
        )
    if file is not None and plan.strip():
        raise Unusable("Give a plan or a roster, and not both: a plan has its own roster.")


def _rules(site: str, form: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """Each argument: whether it can be used, and what is said if not."""
    name = form.get("connection", "lem")
    yield (
        _is_name(site),
        f"--site {site!r} is no site's name: that has lower-case letters, digits and dashes, such "
        "as plant-7.",
    )
    yield (
        _is_name(name),
        f"--connection {name!r} is no connection's name: that has lower-case letters, digits and "
        "dashes, such as lem or lem-plant-2.",
    )
    yield (
        re.fullmatch(_PLAN, form.get("plan", "")) is not None,
        f"--plan {form.get('plan')!r} is no plan's name: muster plan prints it, such as "
        "3f9a61c07be2d514.",
    )
    yield (
        re.fullmatch(_CODE, form.get("existing_code", "")) is not None,
        "--existing-code takes the last five characters of a code, letters and digits.",
    )
    yield (
        form.get("approval", _APPROVALS[0]) in _APPROVALS,
        f"--approval {form.get('approval')!r} is none of: {', '.join(_APPROVALS)}.",
    )
    yield (
        form.get("activated_by", _ACTIVATED_BY[0]) in _ACTIVATED_BY,
        f"--activated-by {form.get('activated_by')!r} is none of: {', '.join(_ACTIVATED_BY)}.",
    )
    yield (
        0 <= form.get("wait_minutes", 0) <= 24 * 60,
        "--wait-minutes is a number from 0 to 1440.",
    )


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST and re.fullmatch(SITE_PATTERN, text) is not None


def _check_readable(file: Path) -> None:
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}.") from None
