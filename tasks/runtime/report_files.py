"""Report files: they are written into the folder that MUSTER_REPORTS names."""

from collections.abc import Mapping
from pathlib import Path

from fleet.text.expected import ExpectedError
from tasks.runtime.settings import RunSettings


class CannotReport(ExpectedError):
    """A report cannot be written; the message says why. What the run did stays done."""


def write_report(stem: str, files: Mapping[str, bytes]) -> list[Path]:
    """Write one report, one file per ending, such as `.html` and `.csv`; their paths."""
    folder = RunSettings().reports
    paths = {folder / f"{stem}{ending}": content for ending, content in files.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in paths.items():
            path.write_bytes(content)
    except OSError as error:
        raise CannotReport(f"The report cannot be written: {error}") from error
    return list(paths)


def excel_csv(text: str) -> bytes:
    """CSV text with the byte order mark by which Excel recognizes UTF-8."""
    return text.encode("utf-8-sig")
