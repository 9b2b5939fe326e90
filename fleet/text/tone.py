"""A tone: how a page shows what it says, by the class of its style sheet."""

from enum import StrEnum


class Tone(StrEnum):
    """From what is as it should be to what is not; "move" is what is under way."""

    GOOD = "good"
    MOVE = "move"
    IDLE = "idle"
    WARN = "warn"
    BAD = "bad"
