"""A URL of storage means one place, and lies in another or does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.storage_url import NotStorage, StorageUrl

parse = StorageUrl.parse


@pytest.mark.parametrize(
    ("written", "meant", "path"),
    [
        ("s3://plant-rosters/a/b.csv", "s3://plant-rosters/a/b.csv", "plant-rosters/a/b.csv"),
        ("S3A://Plant-Rosters/A.csv", "s3://plant-rosters/A.csv", "plant-rosters/A.csv"),
        ("abfs://rosters/a b.xlsx", "az://rosters/a b.xlsx", "rosters/a b.xlsx"),
        ("gcs://rosters/ä.csv", "gs://rosters/ä.csv", "rosters/ä.csv"),
        ("sftp://files.example.com:2222/r/", "sftp://files.example.com:2222/r", "/r"),
    ],
)
def test_an_address_is_read(written, meant, path):
    assert (str(parse(written)), parse(written).path) == (meant, path)


@pytest.mark.parametrize(
    "written",
    ["s3://", "s3:///a", "s3:a", "s3://a//b", "s3://a:1/b", "s3://a/b?versionId=1", "s3://a/b#c"],
)
def test_an_address_that_may_mean_anything_else_is_refused(written):
    with pytest.raises(NotStorage):
        parse(written)


@pytest.mark.parametrize(
    ("outer", "inner", "is_held"),
    [
        ("s3://a", "s3://a/b.csv", True),
        ("s3://a/b", "s3://a/b/c.csv", True),
        ("s3://a/b/", "s3://a/b/c.csv", True),
        ("s3://a/b", "s3://a/bc/d.csv", False),
        ("s3://a/b", "s3://a/b.csv", False),
        ("s3://a", "s3://ab/c.csv", False),
        ("s3://a", "gs://a/c.csv", False),
        ("sftp://a", "sftp://a:2222/c.csv", False),
    ],
)
def test_only_what_is_below_a_place_lies_in_it(outer, inner, is_held):
    assert parse(outer).holds(parse(inner)) is is_held


@given(st.text("ab./:%@?#*\\ \x00", max_size=12))
def test_whatever_is_held_begins_with_the_place_and_never_leads_out(rest):
    place = parse("s3://a/b")
    try:
        held = place.holds(found := parse(f"s3://a/b{rest}"))
    except NotStorage:
        return
    assert not held or f"{found.path}/".startswith("a/b/")
    assert ".." not in found.parts
