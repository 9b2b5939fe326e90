"""A file that describes a known export, as people write it in YAML."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.roster.choices import FIELDS
from fleet.roster.export import Export
from fleet.roster.synonyms import compact
from fleet.text.expected import ExpectedError

_SUCH_AS = (
    "Write, for example:\n  product: Our inventory\n  recognized by: [Name, Machine ID]\n"
    "  columns: {Name: device, Machine ID: host_id, Room: }"
)


class UnusableExport(ExpectedError):
    """A file does not describe an export; the message says why."""


class WrittenExport(BaseModel):
    """What is written: headers as the product writes them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: str = Field(min_length=1, max_length=100)
    recognized_by: tuple[str, ...] = Field(alias="recognized by", min_length=2)
    columns: dict[str, str | None]
    notes: dict[str, str] = {}


def export_of(value: Any, name: str) -> Export:
    """The export that a file called `name` says; UnusableExport when it says none."""
    try:
        written = WrittenExport.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UnusableExport(f"{name}: {where}: {first['msg']}. {_SUCH_AS}") from None
    for header, field in written.columns.items():
        if field and field not in FIELDS:
            raise UnusableExport(
                f"{name}: column {header!r} cannot be {field!r}. Use one of {', '.join(FIELDS)}, "
                "or nothing."
            )
    return Export(
        written.product,
        frozenset(map(compact, written.recognized_by)),
        {header: field or "" for header, field in _compact(written.columns).items()},
        _compact(written.notes),
    )


def _compact(said: Mapping[str, Any]) -> dict[str, Any]:
    return {compact(header): value for header, value in said.items()}
