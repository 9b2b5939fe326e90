"""Which release this is: of the installed Muster, or of the clone that it runs in."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_CLONE = Path(__file__).parents[1] / "pyproject.toml"


def release() -> str:
    """Such as 0.4.0."""
    if _CLONE.is_file():
        return str(tomllib.loads(_CLONE.read_text("utf-8"))["project"]["version"])
    try:
        return version("muster")
    except PackageNotFoundError:
        return "unknown"
