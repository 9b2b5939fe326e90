"""A folder or bucket: what lies in it, and what is put there."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from fleet.text.expected import ExpectedError
from tasks.inbox.own_files import OwnFiles
from tasks.text.text_kind import ROSTER

_PASSING = ("~$", ".")  # what spreadsheet programs and systems put beside a file
_LONGEST = 255  # bytes of a name


class NoInbox(ExpectedError):
    """The inbox or the outbox cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file in the inbox: its path, its name, its folder in the inbox, and what tells its state.

    A file whose `state` is the same after a while is not being written any more.
    """

    path: str
    name: str
    folder: str
    state: tuple[object, ...]


class Folder:
    """A folder of this machine, or one of a bucket: *s3://plant-rosters/in*.

    `unlisted` are the folders in it that could not be listed the last time.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.unlisted: list[str] = []
        self._files, root = _opened(url)
        self._root = root.rstrip("/")
        self._own = OwnFiles(self._root) if isinstance(self._files, LocalFileSystem) else None

    def dropped(self) -> list[Dropped]:
        """The files in it and in its folders, by their paths; NoInbox when it cannot be listed.

        Links are no files, nor is what programs put beside a file while it is open.
        """
        self.unlisted = []
        return sorted(self._dropped(), key=lambda each: each.path)

    def _dropped(self) -> Iterator[Dropped]:
        for info in self._listed(self._root):
            if info["type"] == "directory" and not _is_passing(info["name"]):
                yield from self._in_folder(info["name"])
        yield from self._in(self._root, "")

    def _in_folder(self, path: str) -> Iterator[Dropped]:
        """The files of a folder in it. Whoever made it may have kept others out of it."""
        name = _readable(PurePosixPath(path).name)
        try:
            yield from self._in(path, name)
        except NoInbox:
            self.unlisted.append(name)

    def _in(self, root: str, folder: str) -> Iterator[Dropped]:
        for info in self._listed(root):
            name = _readable(PurePosixPath(info["name"]).name)
            if info["type"] == "file" and not info.get("islink") and not _is_passing(name):
                state = (info.get("size"), info.get("mtime"), info.get("ETag"))
                yield Dropped(info["name"], name, folder, state)

    def _listed(self, root: str) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self._files.ls(root, detail=True, refresh=True)
        except FileNotFoundError:
            raise NoInbox(f"There is no folder {self.url}. Make it, or set MUSTER_INBOX.") from None
        except OSError as error:
            raise NoInbox(f"{self.url} cannot be listed: {error}.") from None
        return found

    def read(self, file: Dropped) -> bytes:
        """Its content; NoInbox when it is larger than a roster may be, or is not there any more."""
        try:
            content = self._content(file.path, ROSTER.limit + 1)
        except OSError as error:
            raise NoInbox(f"{file.name} cannot be read: {type(error).__name__}.") from None
        if len(content) > ROSTER.limit:
            raise NoInbox(f"{file.name} has more than {ROSTER.limit >> 20} MiB.")
        return content

    def _content(self, path: str, size: int) -> bytes:
        if self._own:
            return self._own.read(self._inner(path), size)
        with self._files.open(path, "rb") as stream:
            content: bytes = stream.read(size)
        return content

    def put(self, path: str, content: bytes) -> None:
        """Write a file at that path in it; NoInbox when it cannot be written."""
        try:
            self._write(path, content)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise NoInbox(f"{self.url}/{path} cannot be written: {why}.") from None

    def _write(self, path: str, content: bytes) -> None:
        if self._own:
            self._own.write(path, content)
            return
        whole = f"{self._root}/{path}"
        self._files.makedirs(whole.rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(whole, content)

    def delete(self, file: Dropped) -> None:
        """Take a file out of it, unless another one was dropped in its place since it was listed.

        One that is gone already is no matter; NoInbox for one that cannot be deleted.
        """
        try:
            if self.is_there(file):
                self._delete(file.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise NoInbox(
                f"{file.name} was planned, and cannot be taken out of the inbox: "
                f"{error.strerror or type(error).__name__}."
            ) from None

    def is_there(self, file: Dropped) -> bool:
        """Whether a file is as it was listed."""
        with suppress(NoInbox):
            return file in self._in(file.path.rpartition("/")[0], file.folder)
        return False

    def _delete(self, path: str) -> None:
        if self._own:
            self._own.delete(self._inner(path))
        else:
            self._files.rm_file(path)

    def _inner(self, path: str) -> str:
        return path.removeprefix(f"{self._root}/")


def _opened(url: str) -> tuple[AbstractFileSystem, str]:
    try:
        files, root = url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        raise NoInbox(f"{url} cannot be opened: {error}") from None
    return files, str(root)


def _is_passing(path: str) -> bool:
    return PurePosixPath(path).name.startswith(_PASSING)


def _readable(name: str) -> str:
    """A name as a text: one of a file need be none."""
    return os.fsencode(name).decode(errors="replace")


def stamped(name: str, now: datetime) -> str:
    """The folder of the outbox for a file: *20261130T073734Z-plant-7.xlsx*."""
    whole = f"{now:%Y%m%dT%H%M%SZ}-{name}".encode()
    return whole[:_LONGEST].decode(errors="ignore")
