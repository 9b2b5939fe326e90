"""The kinds of text that a form takes: what each is called, where its files are, what it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fleet.text.expected import ExpectedError
from tasks.runtime.policies import PolicySettings
from tasks.text.sources import SourceSettings

_YAML = (".yaml", ".yml")
_YAML_LIMIT = 64 * 1024  # bytes: some 2,000 rules, read in seconds


class NoText(ExpectedError):
    """There is no text to read; the message says why, and what to give."""


@dataclass(frozen=True)
class TextKind:
    """A kind of text: its noun, its format, the endings of its files, and how to save one.

    One line that holds one of `separators` is such a text, unless a file has that name. It has at
    most `limit` bytes. `is_one` tells it from anything else that a path or URL may lead to, and
    `sign` says by what. Paths lead into `folders`, which `settings` name.
    """

    noun: str
    format: str
    suffixes: tuple[str, ...]
    remedy: str
    limit: int
    is_one: Callable[[str], object] = bool
    sign: str = "it is empty"
    separators: tuple[str, ...] = ()
    folders: Callable[[], tuple[Path, ...]] = lambda: SourceSettings().rosters
    settings: str = "MUSTER_ROSTERS"


_SHEETS = (".xlsx", ".xlsm", ".ods", ".xls")
_TEXTS = (".csv", ".tsv", ".tab", ".psv", ".txt", ".json", ".ndjson", ".jsonl")

ROSTER = TextKind(
    noun="roster",
    format="CSV",
    suffixes=(*_SHEETS, *_TEXTS),
    remedy="Save it as XLSX or CSV (UTF-8)",
    limit=8 * 2**20,  # 100,000 lines
    separators=(",", ";", "\t", "|"),
)
INTEGRATIONS = TextKind(
    noun="configuration",
    format="YAML",
    suffixes=_YAML,
    remedy="Save it as YAML (UTF-8)",
    limit=_YAML_LIMIT,
    is_one=re.compile(r"""^(?:\{\s*)?["']?(?:webhooks|routes)["']?\s*:""", re.MULTILINE).search,
    sign="no line of it begins with 'webhooks:' or 'routes:'",
)
POLICY = TextKind(
    noun="policy",
    format="YAML",
    suffixes=_YAML,
    remedy="Name exact-match, human or zero-touch, or save yours as YAML (UTF-8)",
    limit=_YAML_LIMIT,
    is_one=re.compile(r"""^(?:\{\s*)?["']?policy["']?\s*:""", re.MULTILINE).search,
    sign="no line of it begins with 'policy:'",
    separators=(": ",),
    folders=lambda: (*SourceSettings().rosters, PolicySettings().policies),
    settings="MUSTER_ROSTERS, MUSTER_POLICIES",
)
