"""CSV that is safe to open, and rows that any JSON writer accepts."""

import csv
import io
import json
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.roster.roster import Roster
from reports.onboarding.onboarding import onboarding_frame
from reports.page.table import to_csv, to_rows
from tests.laws import met

STARTS = tuple("=+-@\t\r＝＋－＠")
RISKY = st.text(st.sampled_from([*STARTS, *' \n,;"a1']), max_size=6) | st.text(max_size=6)


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@given(st.lists(st.tuples(RISKY, RISKY), max_size=6))
def test_no_cell_of_a_csv_starts_like_a_formula(pairs):
    frame = pd.DataFrame(pairs, columns=["device", "reason"])

    header, *rows = cells(to_csv(frame))

    assert header == ["device", "reason"]
    assert len(rows) == len(pairs)
    assert not any(cell.lstrip(" \n").startswith(STARTS) for row in rows for cell in row)


@given(st.lists(st.tuples(RISKY, RISKY), max_size=6))
def test_a_csv_loses_nothing_but_adds_at_most_an_apostrophe(pairs):
    _, *rows = cells(to_csv(pd.DataFrame(pairs, columns=["device", "reason"])))

    for row, pair in met(zip(rows, pairs, strict=True)):
        assert all(cell in (text, f"'{text}") for cell, text in zip(row, pair, strict=True))


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-", "@cmd", "\tx", "\rx", "＝1", " =1", " \r", "\ufeff=1", "－1"]
)
def test_what_a_spreadsheet_might_calculate_is_stored_as_text(text):
    _, (cell,) = cells(to_csv(pd.DataFrame({"reason": [text]})))

    assert cell == f"'{text}"


def test_times_in_a_csv_are_iso_8601_with_their_zone(facts):
    header, first, second, *_ = cells(to_csv(onboarding_frame(facts)))

    assert first[header.index("approved")] == "2026-03-20T09:00:33.500+00:00"
    assert first[header.index("waited_for_approval_s")] == "2.500"
    assert second[header.index("approved")] == ""


def test_an_empty_report_still_has_its_header(facts):
    empty = onboarding_frame(replace(facts, roster=Roster("plant-7", ())))

    (header,) = cells(to_csv(empty))

    assert header == list(empty.columns)
    assert to_rows(empty) == []


def test_rows_are_json_with_short_times_and_no_nan(facts):
    rows = to_rows(onboarding_frame(facts))

    first, second, *_ = json.loads(json.dumps(rows, allow_nan=False))
    assert list(first) == list(onboarding_frame(facts).columns)
    assert (first["line"], first["approved"]) == ("2", "2026-03-20 09:00:33Z")
    assert first["waited_for_provisioning_s"] == 66.5
    assert second["approved"] is None
    assert second["waited_for_provisioning_s"] is None


def test_rows_hold_only_plain_types(facts):
    kinds = {type(cell) for row in to_rows(onboarding_frame(facts)) for cell in row.values()}

    assert kinds <= {str, int, float, type(None)}
