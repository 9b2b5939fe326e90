"""What the XML of an XLSX says of its cells beside their values, which are read elsewhere.

Which numbers are shown with zeros before them or signs within, such as 001122334455, which formulas
no spreadsheet program has calculated, and which came to an error. It belongs to the program of
workbook_reader.py, and imports nothing of ours.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_CHUNK = 1 << 20
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
# A formula, or an error.
_WORTHWHILE = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st=["']e["']""")
_GENERAL = 0
_BUILT_IN = 164  # from here on formats are a workbook's own
_MOST_DIGITS = 40  # of a format: a longer one is no id's
Attributes = dict[str, str]


class NotXml(ValueError):
    """A part of the workbook is not read: it is no XML, or declares entities."""


@dataclass
class SheetFormats:
    """By the row's number (from 1) and the column's index (from 0)."""

    shown: dict[int, dict[int, str]] = field(default_factory=dict)
    unsaved: dict[int, list[int]] = field(default_factory=dict)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)  # such as #REF!


def formats_of(content: bytes) -> dict[str, SheetFormats]:
    """What is to be known of the cells of each sheet, by its name; of other formats, nothing."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        try:
            book = _Book(parts)
        except KeyError:
            return {}
        return {name: _sheet(parts, path, book) for name, path in book.sheets.items()}


class _Book:
    """The sheets of a workbook with the names of their parts, and the formats of its styles."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self.sheets: dict[str, str] = {}
        self.is_uncalculated = False
        self._related: dict[str, str] = {}
        self._codes: dict[int, str] = {}
        self.formats: list[str | None] = []
        self._in_cells = False
        _parse(parts, "xl/_rels/workbook.xml.rels", self._relation)
        _parse(parts, "xl/workbook.xml", self._workbook)
        if "xl/styles.xml" in parts.namelist():
            _parse(parts, "xl/styles.xml", self._style, self._style_ends)

    def _relation(self, tag: str, attributes: Attributes) -> None:
        if tag == "Relationship":
            self._related[attributes["Id"]] = attributes["Target"]

    def _workbook(self, tag: str, attributes: Attributes) -> None:
        if tag == "sheet":
            target = self._related.get(attributes.get("id", ""), "")
            path = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
            self.sheets[attributes["name"]] = path if target[:1] != "/" else target[1:]
        elif tag == "calcPr":
            self.is_uncalculated = attributes.get("fullCalcOnLoad") in {"1", "true"}

    def _style(self, tag: str, attributes: Attributes) -> None:
        if tag == "numFmt":
            self._codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._in_cells = True
        elif tag == "xf" and self._in_cells:
            number = int(attributes.get("numFmtId", _GENERAL))
            code = self._codes.get(number, "") if number >= _BUILT_IN else ""
            self.formats.append(code if _adds(code) else None)

    def _style_ends(self, tag: str) -> None:
        self._in_cells &= tag != "cellXfs"


class _Cells:
    """Reads the cells of one sheet."""

    def __init__(self, book: _Book) -> None:
        self.book, self.found = book, SheetFormats()
        self._row, self._column = 0, -1
        self._format: str | None = None
        self._type, self._value = "", ""
        self._has_formula = self._in_value = False

    def begins(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self._at(attributes.get("r", ""))
            style = int(attributes.get("s", 0))
            formats = self.book.formats
            self._format = formats[style] if style < len(formats) else None
            self._type, self._value, self._has_formula = attributes.get("t", "n"), "", False
        elif tag == "v":
            self._in_value = True
        elif tag == "f":
            self._has_formula = True
        elif tag == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), -1

    def text(self, text: str) -> None:
        if self._in_value and len(self._value) < _MOST_DIGITS:
            self._value += text

    def ends(self, tag: str) -> None:
        if tag == "v":
            self._in_value = False
        elif tag == "c" and self._type == "e":
            self.found.errors.setdefault(self._row, {})[self._column] = self._value or "#N/A"
        elif tag == "c" and self._has_formula and self._is_unsaved():
            self.found.unsaved.setdefault(self._row, []).append(self._column)
        elif tag == "c" and self._format and self._type == "n":
            shown = shown_by(self._format, self._value)
            if shown not in {"", self._value}:
                self.found.shown.setdefault(self._row, {})[self._column] = shown

    def _at(self, cell: str) -> None:
        self._column += 1
        if named := _CELL.fullmatch(cell):
            self._column = column_of(named[1])
            self._row = int(named[2])

    def _is_unsaved(self) -> bool:
        if self._type == "str":
            return False  # an empty text was calculated
        return not self._value or (self.book.is_uncalculated and self._value == "0")


def shown_by(code: str, value: str) -> str:
    """What a format makes of a whole number, such as 001122334455; "" where that is unknown."""
    try:
        number = float(value)
    except ValueError:
        return ""
    if not (number.is_integer() and 0 <= number < 10**15):
        return ""
    section = _sections(code)[0]
    digits = str(int(number))
    text = ""
    for is_place, sign in reversed(section):
        if not is_place:
            text = sign + text
        elif digits:
            digits, text = digits[:-1], digits[-1] + text
        elif sign == "0":
            text = "0" + text
    first = next((at for at, (is_place, _) in enumerate(section) if is_place), 0)
    before = sum(len(sign) for _, sign in section[:first])
    return (text[:before] + digits + text[before:]).strip()


def column_of(letters: str) -> int:
    """The index of a column, from 0: C is 2."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _adds(code: str) -> bool:
    """Whether a format shows more than a number's digits, and no other kind of it."""
    if not code or len(code) > _MOST_DIGITS * 4:
        return False
    section = _sections(code)[0]
    places = [sign for is_place, sign in section if is_place]
    signs = "".join(sign for is_place, sign in section if not is_place)
    is_plain = not re.search(r"[.,/%EeGgyYmMdDhHsS@?]", _LITERAL.sub("", code.split(";")[0]))
    return is_plain and bool(places) and (places.count("0") > 1 or bool(signs.strip()))


def _sections(code: str) -> list[list[tuple[bool, str]]]:
    """The first section of a format: each place of a digit, and each sign that it shows."""
    parts: list[tuple[bool, str]] = []
    at = 0
    while at < len(code) and code[at] != ";":
        found = _LITERAL.match(code, at)
        if found:
            parts.append((False, found[1] or found[2] or ""))
            at = found.end()
        else:
            parts.append((code[at] in "0#", code[at]))
            at += 1
    return [parts]


def _sheet(parts: zipfile.ZipFile, path: str, book: _Book) -> SheetFormats:
    """What is to be known of one sheet; nothing of one that says nothing of the kind."""
    if path not in parts.namelist():
        return SheetFormats()
    if not (any(book.formats) or any(map(_WORTHWHILE.search, _chunks(parts, path)))):
        return SheetFormats()
    cells = _Cells(book)
    _parse(parts, path, cells.begins, cells.ends, cells.text)
    return cells.found


def _chunks(parts: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """The part in pieces, each with the end of the one before it."""
    with parts.open(path) as part:
        end = b""
        while piece := part.read(_CHUNK):
            yield end + piece
            end = piece[-64:]


def _parse(
    parts: zipfile.ZipFile,
    path: str,
    begins: Callable[[str, Attributes], None],
    ends: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: begins(_local(tag), _locals(attributes))
    if ends:
        parser.EndElementHandler = lambda tag: ends(_local(tag))
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = _refuse
    with parts.open(path) as part:
        try:
            while piece := part.read(_CHUNK):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise NotXml(str(error)) from None


def _refuse(*_: object) -> None:
    raise NotXml("it declares entities")


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _locals(attributes: Attributes) -> Attributes:
    return {_local(name): value for name, value in attributes.items()}
