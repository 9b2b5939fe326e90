"""Wording: instants, durations and counts as a person would write them."""

import math
import re
from datetime import date, datetime

import pandas as pd

MINUTE, HOUR, DAY = 60, 3600, 86_400
_MARKUP = re.compile(r"[\\`*_\[\]<>|~!&@]|:(?=//)|(?<=www)\.", re.IGNORECASE)  # links, too


def legible(text: object) -> str:
    """`text` so that it can be stored and shown anywhere; "" for None, NaN and other values.

    Systems answer in JSON, which can hold lone surrogates that no file or database accepts: they
    become question marks.
    """
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else ""


def clean(text: str) -> str:
    """`text` in one line, without control characters and without changes of direction."""
    return "".join(c for c in " ".join(legible(text).split()) if c.isprintable())


def plain(text: str) -> str:
    """`text`, which a device may have written, escaped so that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\g<0>", clean(text))


def clock(instant: datetime | None, today: date | None = None) -> str:
    """`instant` to the second, without its day when that is `today`; "" for none."""
    if instant is None or pd.isna(instant):
        return ""
    return f"{instant:%H:%M:%S}" if instant.date() == today else f"{instant:%Y-%m-%d %H:%M:%S}"


def brief(seconds: float) -> str:
    """A duration in its two largest units, such as 4.2 s, 3 min 20 s, 2 h 5 min; "" for NaN."""
    if math.isnan(seconds):
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return _pair(whole, (MINUTE, "min"), (1, "s"))
    minutes = round(seconds / MINUTE) * MINUTE
    if minutes < DAY:
        return _pair(minutes, (HOUR, "h"), (MINUTE, "min"))
    return _pair(round(seconds / HOUR) * HOUR, (DAY, "d"), (HOUR, "h"))


def counted(number: int, noun: str) -> str:
    """`number` and its noun, such as "1 line" and "5,000 lines"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _pair(whole: int, large: tuple[int, str], small: tuple[int, str]) -> str:
    many, rest = divmod(whole, large[0])
    tail = f" {rest // small[0]} {small[1]}" if rest // small[0] else ""
    return f"{many} {large[1]}{tail}"
