"""Columns of a night's tables: their types, which do not depend on how much is known."""

from collections.abc import Iterable, Mapping

import pandas as pd

from reports.wording import legible

TEXT, TIME, COUNT, NUMBER, FLAG = "str", "datetime64[us, UTC]", "int64", "float64", "bool"
PLACE = {"site": TEXT, "connection": TEXT}


def frame_of(columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """`rows` as a frame with those columns, by their types; unknown texts are empty."""
    frame = pd.DataFrame(list(rows), columns=[*columns], dtype=object)
    for name, kind in columns.items():
        if kind == TEXT:
            frame[name] = frame[name].map(legible).astype("str")
        elif kind == TIME:
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
        elif kind == COUNT:
            frame[name] = frame[name].astype("int64")
        elif kind == NUMBER:
            frame[name] = frame[name].astype("float64")
        else:
            frame[name] = frame[name].astype("bool")
    return frame
