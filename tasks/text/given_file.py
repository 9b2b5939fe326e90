"""A file that a form names: only within the folders that are meant for it, links resolved."""

import os
import stat
from pathlib import Path

from tasks.text.text_kind import NoText, TextKind


def is_file(source: str, kind: TextKind) -> bool:
    """Whether a file in one of the folders has that name; of others nothing is found out."""
    found = _held(Path(source), kind)
    try:
        return found is not None and found[0].joinpath(*found[1]).exists()
    except OSError:  # too long for the name of a file
        return False


def read_file(source: str, kind: TextKind) -> bytes:
    """The content of the file; NoText, which says nothing of a file that is elsewhere."""
    path = Path(source)
    if path.suffix.lower() not in kind.suffixes:
        endings = f"{', '.join(kind.suffixes[:-1])} or {kind.suffixes[-1]}"
        raise NoText(
            f"The file {source!r} is not read: the name of a {kind.noun} ends in {endings}. "
            f"{kind.remedy} and give that file."
        )
    found = _held(path, kind)
    if found is None:
        folders = ", ".join(str(Path(each).absolute()) for each in kind.folders())
        raise NoText(
            f"The file {source!r} is not read: the path of a {kind.noun} leads into {folders} "
            f"({kind.settings}), and nowhere else. Put the file there, or paste the "
            f"{kind.format} text."
        )
    try:
        return _content(_opened(*found), source, kind)
    except FileNotFoundError:
        raise NoText(
            f"There is no file {source!r} on this worker (its folder is {Path.cwd()})."
        ) from None
    except OSError as error:
        raise NoText(f"The file {source!r} cannot be read: {error.strerror}.") from error


def _held(path: Path, kind: TextKind) -> tuple[Path, tuple[str, ...]] | None:
    """The folder that holds the file behind all links, and the way from there; None elsewhere."""
    real = _resolved(path)
    for folder in kind.folders():
        root = _resolved(folder)
        if real and root and real.is_relative_to(root):
            return root, real.relative_to(root).parts
    return None


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, no name for a file
        return None


def _opened(root: Path, parts: tuple[str, ...]) -> int:
    """A descriptor of the file; a folder on the way that became a link meanwhile is not followed.

    Not to block keeps a pipe, which somebody put there, from being waited for.
    """
    descriptor = os.open(root, os.O_RDONLY)
    for part in parts:
        try:
            inner = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _content(descriptor: int, source: str, kind: TextKind) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NoText(f"The file {source!r} cannot be read: it is no regular file.")
        return file.read(kind.limit + 1)
