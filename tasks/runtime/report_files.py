"""Report files: they are written into the folder that MUSTER_REPORTS names."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fleet.text.expected import ExpectedError
from tasks.runtime.settings import RunSettings

_ENDINGS = r"(?:-dry)?(?:-findings|-devices)?\.(?:html|csv|xlsx)"
_REPORT = re.compile(r"[^/]+-(20\d\d[01]\d[0-3]\dT[0-2]\d[0-5]\d[0-5]\dZ)" + _ENDINGS)


class CannotReport(ExpectedError):
    """A report cannot be written; the message says why. What the run did stays done."""


def write_report(stem: str, files: Mapping[str, bytes]) -> list[Path]:
    """Write one report, one file per ending, such as `.html` and `.csv`; their paths."""
    folder = RunSettings().reports
    paths = {folder / f"{stem}{ending}": content for ending, content in files.items()}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, content in paths.items():
            path.touch(mode=0o600)
            path.write_bytes(content)
    except OSError as error:
        raise CannotReport(f"The report cannot be written: {error}") from error
    return list(paths)


def is_report(name: str) -> bool:
    """Whether a file is called as reports are: *onboarding-plant-7-20261130T073734Z.html*."""
    return _REPORT.fullmatch(name) is not None


def prune_reports(before: datetime) -> int:
    """Delete the reports whose names say that they are older; how many files these were.

    Files that have another name than reports are left alone, and so are those that others hold.
    """
    folder, found = RunSettings().reports, 0
    for file in folder.iterdir() if folder.is_dir() else ():
        stamp = _REPORT.fullmatch(file.name)
        with suppress(OSError, ValueError):  # the latter: no such day, as in February 30
            if stamp and _at(stamp[1]) < before:
                file.unlink()
                found += 1
    return found


def _at(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def excel_csv(text: str) -> bytes:
    """CSV text with the byte order mark by which Excel recognizes UTF-8."""
    return text.encode("utf-8-sig")
