"""Files of a folder of this machine, into which others may write: no link is followed in it.

What was a file when it was listed may be a link or a pipe once it is opened. So each step of the
way is opened by itself, from the folder, and what was opened is looked at.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe is not waited for


class OwnFiles:
    """The files below `root`, by paths such as *plant-7/july.csv*. OSError for any other."""

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self, path: str, size: int) -> bytes:
        """As many bytes of a file, from its beginning."""
        with self._parent(path) as (folder, name):
            descriptor = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
        with os.fdopen(_regular(descriptor), "rb") as file:
            return file.read(size)

    def write(self, path: str, content: bytes) -> None:
        """Write a file; the folders on the way are made."""
        flags = os.O_WRONLY | os.O_CREAT | _FILE
        with self._parent(path, is_made=True) as (folder, name):
            descriptor = os.open(name, flags, 0o666, dir_fd=folder)
        with os.fdopen(_regular(descriptor), "wb") as file:
            file.truncate()
            file.write(content)

    def delete(self, path: str) -> None:
        """Delete a file, or the link that it became."""
        with self._parent(path) as (folder, name):
            os.unlink(name, dir_fd=folder)

    @contextmanager
    def _parent(self, path: str, *, is_made: bool = False) -> Iterator[tuple[int, str]]:
        *folders, name = path.split("/")
        if is_made:
            Path(self._root).mkdir(parents=True, exist_ok=True)
        descriptor = self._opened(folders, is_made=is_made)
        try:
            yield descriptor, name
        finally:
            os.close(descriptor)

    def _opened(self, folders: Sequence[str], *, is_made: bool) -> int:
        descriptor = os.open(self._root, _DIRECTORY)
        for each in folders:
            try:
                if is_made:
                    _make(each, descriptor)
                inner = os.open(each, _DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            finally:
                os.close(descriptor)
            descriptor = inner
        return descriptor


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        return


def _regular(descriptor: int) -> int:
    """The same, where it is of a file; else it is closed, with an OSError."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError("it is no regular file")
