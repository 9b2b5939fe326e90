"""What is no module and yet read by one is in the wheel, too."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PACKAGES = [name.rstrip("*") for name in SETUPTOOLS["packages"]["find"]["include"]]
# Written by programs, or the command of a clone, in whose stead a wheel has an entry point.
NOT_NEEDED = {".pyc", ".sh"}


def is_in_the_wheel(file: Path) -> bool:
    """Whether a pattern of a package around the file fits its path from there."""
    parts = file.relative_to(ROOT).parts
    return any(
        fnmatch("/".join(parts[depth:]), pattern)
        for depth in range(1, len(parts))
        for pattern in SETUPTOOLS["package-data"].get(".".join(parts[:depth]), ())
    )


def test_every_file_beside_the_modules_is_in_the_wheel() -> None:
    files = [file for name in PACKAGES for file in (ROOT / name).rglob("*") if file.is_file()]
    others = [file for file in files if file.suffix not in {".py", *NOT_NEEDED}]

    assert len(others) > 10
    assert [str(file) for file in others if not is_in_the_wheel(file)] == []


def test_the_programs_that_read_and_write_workbooks_are_modules_of_it() -> None:
    assert {"sheets", "command"} <= set(PACKAGES)
    assert (ROOT / "sheets/workbook_reader.py").is_file()
    assert (ROOT / "sheets/workbook_writer.py").is_file()
