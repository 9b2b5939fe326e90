"""Plain lines: those that say what they mean, as nearly all of a large roster do.

Reading each cell for what may be wrong with it takes long. A line all of whose cells are surely
right is read here, to the same effect (a law holds it), and every other one by LineReader.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from fleet.device.identity import is_shared_mac
from fleet.roster.cells import is_site
from fleet.roster.draft import Draft
from fleet.roster.repair import Acceptance
from fleet.roster.repair_cell import Found, read_connection, read_profile
from fleet.roster.table import Row

# With a letter first and a digit: neither a date nor a word that stands for nothing.
_NAME = re.compile(r"[A-Za-z](?=[^0-9]*[0-9])[A-Za-z0-9._-]{0,61}[A-Za-z0-9]").fullmatch
_HOST_ID = re.compile(r"(?!(.)\1{11})[0-9a-f]{12}", re.IGNORECASE | re.ASCII).fullmatch
_MAC = re.compile(
    r"[0-9a-f][02468ace]([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}", re.IGNORECASE | re.ASCII
).fullmatch  # what is odd in its first octet is no machine's


class PlainLines:
    """Reads the plain lines of one table."""

    def __init__(
        self, columns: Mapping[str, tuple[int, ...]], width: int, site: str, accepts: Acceptance
    ) -> None:
        self._columns, self._width, self._accepts = columns, width, accepts
        self._is_simple = "device" in columns and all(len(at) == 1 for at in columns.values())
        self._at = {name: indexes[0] for name, indexes in columns.items()}
        self._profile, self._connection = _Known(read_profile), _Known(read_connection)
        self._site = _Known(lambda text: _site(text, site))

    def read(self, row: Row) -> Draft | None:
        """The line; None for one that is to be read with care."""
        missing = self._width - len(row.cells)
        if not self._is_simple or missing < 0 or row.problem or row.shown or row.unsaved:
            return None
        cells = (*row.cells, *[""] * missing) if missing else row.cells
        at = self._at
        name = cells[at["device"]]
        host_id = cells[at["host_id"]] if "host_id" in at else ""
        mac = cells[at["mac"]] if "mac" in at else ""
        if not _NAME(name) or (host_id and not _HOST_ID(host_id)) or (mac and not _MAC(mac)):
            return None
        if mac and is_shared_mac(mac := mac.lower().replace("-", ":")):
            return None
        return self._with_choices(
            Draft(
                row.place,
                row.cells,
                self._columns,
                self._accepts,
                name=name,
                host_id=host_id or None,
                macs=(mac,) if mac else (),
            ),
            cells,
        )

    def _with_choices(self, draft: Draft, cells: Sequence[str]) -> Draft | None:
        """The line with what else it says, of which many lines say the same."""
        at = self._at
        if "zero_touch" in at and (text := cells[at["zero_touch"]]):
            draft.zero_touch = self._profile.value(text)
            if draft.zero_touch is None or not (draft.host_id or draft.macs):
                return None
        if "connection" in at and (text := cells[at["connection"]]):
            draft.connection = self._connection.value(text)
            if draft.connection is None:
                return None
        if "site" in at and (text := cells[at["site"]]) and self._site.value(text) is None:
            return None
        return self._with_texts(draft, cells)

    def _with_texts(self, draft: Draft, cells: Sequence[str]) -> Draft | None:
        at = self._at
        if "label" in at:
            draft.label = draft.cell(at["label"])
        if "serial" in at:
            draft.serial = draft.cell(at["serial"])
        if "notes" in at:
            draft.notes = draft.cell(at["notes"])
            return None if "\r" in draft.notes else draft
        return draft


class _Known:
    """What a reader makes of a text, once for each text; None where there is more to be said."""

    def __init__(self, reader: Callable[[str], Found[str]]) -> None:
        self._reader = reader
        self._known: dict[str, str | None] = {}

    def value(self, text: str) -> str | None:
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> str | None:
        try:
            found = self._reader(text)
        except ValueError:
            return None
        return None if found.causes or text != text.strip() else found.value


def _site(text: str, site: str) -> Found[str]:
    return Found(text if not site or is_site(text, site) else None)
