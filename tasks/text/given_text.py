"""A text that a person gives in a form: pasted, a file on the worker, a URL, or in storage."""

import re
from typing import TypeVar

from sheets.workbook import SIGNS
from tasks.text.given_file import is_file, read_file
from tasks.text.given_storage import read_storage
from tasks.text.given_url import SECONDS, read_url, too_large, without_secrets
from tasks.text.text_kind import NoText, TextKind

T = TypeVar("T", str, bytes)
_STORAGE = re.compile(r"block:[a-z]|[a-z][a-z0-9+.-]*:(?://|:)", re.IGNORECASE)
_CREDENTIALS = re.compile(r"https?://[^/?#]*@", re.IGNORECASE)


async def given_text(source: str, kind: TextKind, seconds: float = SECONDS) -> str:
    """The text that `source` is, or that the file or URL which it names holds.

    NoText when it is none, or leads to what is not such a text: of that, nothing is quoted.
    """
    content = await given_content(source, kind, seconds)
    return content if isinstance(content, str) else _text(content, named(source), kind)


async def given_content(source: str, kind: TextKind, seconds: float = SECONDS) -> str | bytes:
    """`source` itself, or the bytes of the file or URL that it names, read within `seconds`.

    NoText when there are none, or more than such a text has.
    """
    pasted, source = source, source.strip("\ufeff \t\r\n")
    if not source:
        raise NoText(
            f"No {kind.noun} was given. Paste the {kind.format} text, or give the path or URL of "
            "a file."
        )
    if "\n" in source or "\r" in source:  # as it is: a tab before it is a column without a name
        return _small_enough(pasted, kind)
    if source.lower().startswith(("http://", "https://")):
        _refuse_credentials(source, kind)
        return _small_enough(await read_url(source, kind, seconds), kind, named(source))
    if _STORAGE.match(source):
        return _small_enough(await read_storage(source, kind, seconds), kind, named(source))
    if any(each in source for each in kind.separators) and not is_file(source, kind):
        return _small_enough(source, kind)
    return _small_enough(read_file(source, kind), kind, source)


def _small_enough(content: T, kind: TextKind, where: str = "What was pasted") -> T:
    if len(content) > kind.limit:
        raise too_large(where, kind)
    return content


def named(source: str) -> str:
    """A path as it was given, and a URL without what may be secret in it."""
    source = source.strip("\ufeff \t\r\n")
    return without_secrets(source) if "://" in source else source


def _refuse_credentials(url: str, kind: TextKind) -> None:
    if _CREDENTIALS.match(url):
        raise NoText(
            "The address holds a user name or password. Prefect would store it, and everyone who "
            "can see the run could read it. Give an address that needs none, or paste the "
            f"{kind.format} text."
        )


def _text(content: bytes, name: str, kind: TextKind) -> str:
    """The text of a file; NoText for what may be anything else, and is not shown."""
    text = _decoded(content, name, kind)
    if text.strip("\ufeff \t\r\n") and not kind.is_one(text):
        raise NoText(f"{name} is no {kind.noun}, and nothing of it is shown: {kind.sign}.")
    return text


def _decoded(content: bytes, name: str, kind: TextKind) -> str:
    as_ = f"{kind.format} (UTF-8)"
    if content.startswith(SIGNS):
        raise NoText(f"{name} is a workbook. Save it as {as_} and give that file.")
    try:
        return content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    except UnicodeDecodeError:
        raise NoText(f"{name} is not UTF-8 text. Save it as {as_}.") from None
