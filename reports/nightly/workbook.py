"""The night as a workbook, one typed sheet per table, and as CSV for other programs."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, cast

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports.nightly.facts import NightFacts
from reports.nightly.frames import devices_frame, findings_frame, night_frames
from reports.page.table import FORMULA_START, to_csv

SHEETS = {
    "night": "Night",
    "findings": "Findings",
    "planned": "Planned",
    "done": "Actions",
    "ended runs": "Ended runs",
    "not checked": "Not checked",
    "missed": "Missed nights",
    "sites": "Sites",
    "causes": "Causes",
    "stages": "Stage times",
    "trend": "Last 30 nights",
    "quotas": "Quotas",
    "decisions": "Decisions",
    "devices": "Devices",
}
TOTALLED = "sites"  # the table whose last row is the sum of the others
DAYS = {"night"}  # columns of ISO dates
UNITS = {"_s": "s", "_h": "h"}
FORMATS = {
    "time": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
    "count": "#,##0",
    "number": "#,##0.0",
}
NARROWEST, WIDEST = 9, 60
HEADER = (
    Font(bold=True, color="FFFFFF"),
    PatternFill("solid", start_color="33415C"),
    Alignment(vertical="center"),
)
WRAPPED = Alignment(wrap_text=True, vertical="top")
# XML must not contain these: a workbook with one of them would not open.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Spreadsheets read this as one escaped character, such as _x0041_ for A.
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
Value = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet; its kind decides how its values are written."""

    title: str
    kind: str
    values: Sequence[Value]

    @property
    def width(self) -> int:
        """In characters, for most values and for the title beside its filter button."""
        longest = max((len(_shown(value)) for value in self.values), default=0)
        return min(WIDEST, max(NARROWEST, len(self.title) + 4, longest + 2))


def to_xlsx(facts: NightFacts) -> bytes:
    """Every table as a sheet: typed cells, frozen header, filters; no text is ever a formula.

    Spreadsheets know no zones: times are those of `facts.zone`, which their headers name.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, frame in night_frames(facts).items():
        sheet = book.create_sheet(SHEETS[name])
        _fill(sheet, [_column(str(each), frame[each], facts.zone) for each in frame])
        # People sort and filter the rows, but not their total.
        filtered = len(frame) + (name != TOTALLED)
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(frame.columns))}{filtered}"
        if name == TOTALLED:
            for cell in sheet[len(frame) + 1]:
                cell.font = Font(bold=True)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def findings_csv(facts: NightFacts) -> str:
    """Every finding, what needs attention first; times as in `facts.zone`, with their offset."""
    return to_csv(_in_zone(findings_frame(facts), facts.zone))


def devices_csv(facts: NightFacts) -> str:
    """Every device of the rosters; times as in `facts.zone`, with their offset."""
    return to_csv(_in_zone(devices_frame(facts), facts.zone))


def _in_zone(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    times = frame.select_dtypes("datetimetz").columns
    return frame.assign(**{str(name): frame[name].dt.tz_convert(zone) for name in times})


def _fill(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for number, column in enumerate(columns, 1):
        header = _write(sheet, (1, number), column.title, "text")
        header.font, header.fill, header.alignment = HEADER
        for row, value in enumerate(column.values, 2):
            if value is not None:
                _write(sheet, (row, number), value, column.kind)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "A2"


def _write(sheet: Worksheet, at: tuple[int, int], value: Value, kind: str) -> Cell:
    cell = cast("Cell", sheet.cell(*at))
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula, never an error
        if FORMULA_START.match(value):
            cell.quotePrefix = True  # not even once somebody edits it
        if len(value) > WIDEST:
            cell.alignment = WRAPPED
    elif kind in FORMATS:
        cell.number_format = FORMATS[kind]
    return cell


def _column(name: str, values: "pd.Series[Any]", zone: str) -> Column:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        local = values.dt.tz_convert(zone).dt.tz_localize(None)
        times = [None if pd.isna(each) else each.to_pydatetime() for each in local]
        return Column(f"{_title(name)} ({zone})", "time", times)
    if pd.api.types.is_bool_dtype(values):
        return Column(_title(name), "flag", [bool(each) for each in values])
    if pd.api.types.is_integer_dtype(values):
        return Column(_title(name), "count", values.tolist())
    if pd.api.types.is_float_dtype(values):
        known = [each if math.isfinite(each) else None for each in values.tolist()]
        return Column(_title(name), "number", known)
    if name in DAYS:
        return Column(_title(name), "day", [date.fromisoformat(str(each)) for each in values])
    return Column(_title(name), "text", [_writable(str(each)) or None for each in values])


def _title(name: str) -> str:
    stem, unit = name[:-2], UNITS.get(name[-2:])
    return f"{stem.replace('_', ' ')} ({unit})" if unit else name.replace("_", " ")


def _writable(text: str) -> str:
    """`text` as a sheet can store it, so that it reads the same."""
    one_end = text.replace("\r\n", "\n").replace("\r", "\n")
    return ESCAPE.sub("_x005F_", UNPRINTABLE.sub("\ufffd", one_end))


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return "2026-03-20 09:00:00"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return "" if value is None else str(value)
