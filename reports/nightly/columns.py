"""Typed columns for a night's tables; a type does not depend on how much is known."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from reports.page.wording import legible

TEXT, TIME, COUNT, NUMBER, FLAG = "str", "datetime64[us, UTC]", "int64", "float64", "bool"
PLACE = {"site": TEXT, "connection": TEXT}


def frame_of(columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """`rows` as a frame with those columns, by their types; unknown texts are empty."""
    table = list(rows)
    values = zip(*table, strict=True) if table else ([] for _ in columns)
    typed = {
        name: _typed(kind, each) for (name, kind), each in zip(columns.items(), values, strict=True)
    }
    return pd.DataFrame(typed)


def _typed(kind: str, values: Iterable[object]) -> "pd.Series[Any]":
    if kind == TEXT:
        return pd.Series([legible(value) for value in values], dtype=TEXT)
    if kind == TIME:
        times = pd.Series(list(values), dtype=object)
        return pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]")
    return pd.Series(list(values), dtype=kind)
