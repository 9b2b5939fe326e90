"""Whether a file is still the one that was opened first: one that was deleted can be written to."""

from pathlib import Path


class SameFile:
    """Remembers which file is at `path` once there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._first: tuple[int, int] | None = None

    def is_there(self) -> bool:
        """Whether the first file is still there, or there was none so far."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return self._first is None
        present = found.st_dev, found.st_ino
        self._first = self._first or present
        return self._first == present
