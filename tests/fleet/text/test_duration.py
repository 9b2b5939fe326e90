"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fleet.text.duration import Duration, read, written

FIELD = TypeAdapter(Duration)
texts = st.just("0") | st.builds(
    "{}{}".format, st.integers(1, 99_999), st.sampled_from(["m", "h", "d"])
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0", timedelta()),
        ("1m", timedelta(minutes=1)),
        ("90m", timedelta(hours=1.5)),
        ("12h", timedelta(hours=12)),
        ("3d", timedelta(days=3)),
        (" 3d\n", timedelta(days=3)),
    ],
)
def test_a_number_and_a_unit_are_a_duration(text: str, meant: timedelta) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    "text",
    ["", "3", "d", "-1h", "1.5h", "3 d", "3D", "3s", "3w", "1h30m", "01h", "100000d", "P3D", "٣d"],
)
def test_anything_else_is_none_and_what_one_is_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="a number and a unit, such as 30m, 12h or 3d"):
        read(text)


@pytest.mark.parametrize("text", ["0", "1m", "59m", "61m", "1h", "23h", "25h", "1d", "400d"])
def test_a_duration_is_written_in_the_largest_unit_that_shows_it_whole(text: str) -> None:
    assert written(read(text)) == text


def test_a_duration_in_a_small_unit_may_be_written_in_a_larger_one() -> None:
    assert [written(read(text)) for text in ("60m", "24h", "1440m")] == ["1h", "1d", "1d"]


@given(texts)
def test_what_is_written_is_read_as_the_same_duration(text: str) -> None:
    assert read(written(read(text))) == read(text)


@pytest.mark.parametrize("value", [0, "0", timedelta()])
def test_a_field_takes_nothing_at_all_with_or_without_quotes(value: object) -> None:
    assert FIELD.validate_python(value) == timedelta()


@pytest.mark.parametrize("value", [7, 1.5, True, None, [], {}, "PT12H", "12:30"], ids=repr)
def test_a_field_takes_no_number_without_a_unit_and_no_other_spelling(value: object) -> None:
    with pytest.raises(ValidationError, match="a number and a unit"):
        FIELD.validate_python(value)


def test_a_field_is_shown_as_it_is_written() -> None:
    assert FIELD.dump_python(timedelta(hours=36), mode="json") == "36h"
