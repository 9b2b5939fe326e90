"""Writing a file that only its owner can read, wholly or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


def write_new(file: Path, content: bytes) -> None:
    """Write `content` to `file`, with mode 0600; FileExistsError when it is there already.

    Folders above it are made. It is on the disk when this returns; an OSError leaves nothing.
    """
    with new_file(file) as stream:
        stream.write(content)


@contextmanager
def new_file(file: Path) -> Iterator[BinaryIO]:
    """A stream into `file`, which is there at the end of the `with`; as `write_new` otherwise."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{uuid4().hex}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        file.hardlink_to(draft)  # unlike a rename, this never replaces what is there
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):  # some network drives cannot
        _flush(file.parent)


def _flush(folder: Path) -> None:
    """Make a new name in `folder` outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
