"""A roster that a form gives, as tables: pasted, a file on the worker, or a URL."""

import asyncio
from dataclasses import replace

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.reading import is_roster
from fleet.roster.table import Sent
from sheets.known_exports import known_exports
from sheets.read import read
from tasks.text.given_text import given_content, named
from tasks.text.given_url import SECONDS
from tasks.text.sources import SourceSettings
from tasks.text.text_kind import ROSTER, NoText


async def given_roster(
    source: str, seconds: float = SECONDS, choices: Choices = NO_CHOICES
) -> Sent:
    """What was sent, with the file if it came as one.

    NoText or UnusableRoster when it is none, which quote nothing of a file.
    """
    return await roster_in(await roster_content(source, seconds), named(source), choices)


async def roster_content(source: str, seconds: float = SECONDS) -> str | bytes:
    """What was pasted, or the bytes of the file or URL that `source` names; NoText for none."""
    return await given_content(source, ROSTER, seconds)


async def roster_in(content: str | bytes, name: str, choices: Choices = NO_CHOICES) -> Sent:
    """The tables of what was sent as `name`; as `given_roster` says."""
    sent = await asyncio.to_thread(read, content, known_exports(SourceSettings().exports))
    if (
        isinstance(content, bytes)
        and any(each.rows for each in sent)
        and not is_roster(sent, choices)
    ):
        raise NoText(
            f"{name} is no roster, and nothing of it is shown: no row names a column 'device'."
        )
    return replace(sent, file=content) if isinstance(content, bytes) else sent
