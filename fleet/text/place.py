"""A place: where a line of a roster is, in the words of whoever opens what was sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Line `number` of a text, or row `number` of a workbook's sheet; both count from 1.

    `row` is the row at which a spreadsheet shows a line of a text, where cells with line breaks
    come before it. `position` orders the sheets of a workbook. `record` counts those of a text from
    1, where one line has several.
    """

    number: int
    row: int | None = None
    sheet: str = ""
    position: int = 0
    record: int | None = None

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort key: as the lines were sent."""
        return self.position, self.number, self.record or 0

    @property
    def label(self) -> str:
        """For a table with a column of lines: "14", "14 (row 12)" or "Devices!14"."""
        return self.cell("") if self.sheet else f"{self.number}{self._row('row {}')}"

    def cell(self, letters: str, within: str = "") -> str:
        """A cell's address as spreadsheets write it, such as Devices!C14; of a text, the line.

        For whoever knows that the sheet is `within`, only C14.
        """
        if not self.sheet:
            return str(self)
        if self.sheet == within:
            return f"{letters}{self.number}" if letters else f"row {self.number}"
        quoted = self.sheet.replace("'", "''")
        sheet = self.sheet if self.sheet.isidentifier() else f"'{quoted}'"
        return f"{sheet}!{letters}{self.number}"

    def __str__(self) -> str:
        if self.sheet:
            return self.cell("")
        return f"line {self.number}{self._row('row {} of the sheet')}"

    def _row(self, words: str) -> str:
        if self.record is not None:
            return f" (record {self.record})"
        return f" ({words.format(self.row)})" if self.row not in {None, self.number} else ""


def letters(index: int) -> str:
    """The letters of a column, which is counted from 0, in a spreadsheet: 2 is C, 26 is AA."""
    text, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
