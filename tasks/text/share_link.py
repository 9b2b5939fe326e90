"""Links of cloud shares that open a sheet in a browser: which link gives the file instead."""

import re
from urllib.parse import parse_qs, urlsplit

_GOOGLE = re.compile(r"/spreadsheets/(?:u/\d+/)?d/[^/]+(?:/(?:edit|view|preview|htmlview|copy).*)?")
_GOOGLE_FILE = re.compile(r"/(?:file/(?:u/\d+/)?d/.*|open)")
_SHAREPOINT = re.compile(r"/:[a-z]:/.*")
_ONEDRIVE = re.compile(r"/(?:edit|view|redir|personal|:[a-z]:)(?:[./].*)?")
_SAVE = "save it on your computer as XLSX or CSV, and paste the table or have the file put there."


def remedy_for(url: str) -> str | None:
    """What to give instead of a link that shows a sheet and is no file; None for any other."""
    try:
        parts = urlsplit(url)
        host, path, asked = parts.hostname or "", parts.path, parse_qs(parts.query)
    except ValueError:
        return None
    if host == "docs.google.com" and _GOOGLE.fullmatch(path):
        return "Write /export?format=xlsx in place of /edit and all that follows it."
    if host == "drive.google.com" and _GOOGLE_FILE.fullmatch(path):
        return "Give https://drive.google.com/uc?export=download&id=… with the id of that file."
    if _is_below(host, "sharepoint.com") and _SHAREPOINT.fullmatch(path):
        if asked.get("download") == ["1"]:
            return None
        return f"Add {'&' if parts.query else '?'}download=1 at its end."
    if host == "1drv.ms" or (host == "onedrive.live.com" and _ONEDRIVE.fullmatch(path)):
        return f"OneDrive gives such a file only to a browser: {_SAVE}"
    if host in {"dropbox.com", "www.dropbox.com"} and not _gives_dropbox_file(asked):
        return "Write dl=1 in place of dl=0 at its end, or add it."
    return None


def _is_below(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}")


def _gives_dropbox_file(asked: dict[str, list[str]]) -> bool:
    return asked.get("dl") == ["1"] or asked.get("raw") == ["1"]
