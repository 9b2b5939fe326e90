"""A text that a person gives in a form: pasted, a file on the worker, or a URL."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from fleet.text.expected import ExpectedError


@dataclass(frozen=True)
class TextKind:
    """A kind of text: its noun, its format, the endings of its files, and how to save one.

    One line that holds one of `separators` is such a text, unless a file has that name.
    """

    noun: str
    format: str
    suffixes: tuple[str, ...]
    remedy: str
    separators: tuple[str, ...] = ()


_YAML = (".yaml", ".yml")
ROSTER = TextKind(
    "roster", "CSV", (".csv", ".tsv", ".txt"), "Save a workbook as CSV (UTF-8)", (",", ";", "\t")
)
INTEGRATIONS = TextKind("configuration", "YAML", _YAML, "Save it as YAML (UTF-8)")
POLICY = TextKind(
    "policy",
    "YAML",
    _YAML,
    "Name exact-match, human or zero-touch, or save yours as YAML (UTF-8)",
    (": ",),
)
_CREDENTIALS = re.compile(r"https?://[^/?#]*@", re.IGNORECASE)


class NoText(ExpectedError):
    """There is no text to read; the message says why, and what to give."""


async def given_text(source: str, kind: TextKind = ROSTER) -> str:
    """`source` itself, or the content of the file or URL that it names."""
    source = source.strip("\ufeff \t\r\n")
    if not source:
        raise NoText(
            f"No {kind.noun} was given. Paste the {kind.format} text, or give the path or URL of "
            "a file."
        )
    if "\n" in source or "\r" in source:
        return source
    if source.lower().startswith(("http://", "https://")):
        _refuse_credentials(source, kind)
        return _decoded(await _download(source), _without_secrets(source), kind)
    if _is_pasted_line(source, kind):
        return source
    return _decoded(_content(Path(source), kind), source, kind)


def _is_pasted_line(source: str, kind: TextKind) -> bool:
    """Whether `source` is itself one line of such a text rather than the name of a file."""
    return any(each in source for each in kind.separators) and not _is_there(Path(source))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # too long for the name of a file
        return False


def _content(path: Path, kind: TextKind) -> bytes:
    if path.suffix.lower() not in kind.suffixes:
        endings = f"{', '.join(kind.suffixes[:-1])} or {kind.suffixes[-1]}"
        raise NoText(
            f"The file {str(path)!r} is not read: the name of a {kind.noun} ends in {endings}. "
            f"{kind.remedy} and give that file."
        )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NoText(
            f"There is no file {str(path)!r} on this worker (its folder is {Path.cwd()})."
        ) from None
    except OSError as error:
        raise NoText(f"The file {str(path)!r} cannot be read: {error.strerror}.") from error
    except ValueError:
        raise NoText(
            f"The {kind.noun} is neither {kind.format} text nor the name of a file."
        ) from None


def _refuse_credentials(url: str, kind: TextKind) -> None:
    if _CREDENTIALS.match(url):
        raise NoText(
            "The address holds a user name or password. Prefect would store it, and everyone who "
            "can see the run could read it. Give an address that needs none, or paste the "
            f"{kind.format} text."
        )


async def _download(url: str) -> bytes:
    where = _without_secrets(url)
    try:
        async with httpx.AsyncClient(follow_redirects=True, timeout=30) as http:
            response = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoText(f"{where} cannot be read: {type(error).__name__}.") from None
    if not response.is_success:
        raise NoText(f"{where} answered {response.status_code}. Check the address.")
    return response.content


def _decoded(content: bytes, name: str, kind: TextKind) -> str:
    as_ = f"{kind.format} (UTF-8)"
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NoText(f"{name} is a workbook. Save it as {as_} and give that file.")
    try:
        return content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    except UnicodeDecodeError:
        raise NoText(f"{name} is not UTF-8 text. Save it as {as_}.") from None


def _without_secrets(url: str) -> str:
    """The address without credentials and query, either of which may hold a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "The address"
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
