"""docs/spreadsheets.md says what each message means: these cells really get them."""

import re
from pathlib import Path

import pytest

from fleet.roster.checked import LineStatus, checked
from fleet.roster.reading import reading_of
from sheets.ours import TITLES
from sheets.read import read

PAGE = (Path(__file__).parents[2] / "docs/spreadsheets.md").read_text("utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| ([^|]+?) \|", PAGE, re.MULTILINE)
FIELDS = ("device", "host_id", "mac", "zero_touch", "connection")


@pytest.mark.parametrize(("column", "cell", "message"), ROWS)
def test_a_cell_of_the_page_gets_its_message(column: str, cell: str, message: str) -> None:
    line = {"device": "edge-1"} | {column: cell}
    cells = ",".join(line.get(name, "") for name in FIELDS)
    text = f"{','.join(FIELDS)}\n{cells}\nedge-2,43e210471949,,,\n"

    first, _ = checked(reading_of(read(text)))

    assert first.status is not LineStatus.OK
    said = " ".join(first.messages)
    assert message.replace("'", "") in said.replace("'", "")


def test_the_page_has_messages_and_every_column_that_is_added() -> None:
    assert len(ROWS) > 15
    assert [title for title in TITLES if f"`{title}`" not in PAGE] == []
