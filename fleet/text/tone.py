"""A tone: the class of the style sheet by which a page shows how good something is."""

from enum import StrEnum


class Tone(StrEnum):
    """How good or bad something is; MOVE is for what is still under way."""

    GOOD = "good"
    MOVE = "move"
    IDLE = "idle"
    WARN = "warn"
    BAD = "bad"
