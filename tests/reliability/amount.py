"""How much of the proof runs: all of it in `make torture`, and else what a seed draws of it."""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SEED = int(os.environ.get("MUSTER_TORTURE_SEED", "7"))
IS_WHOLE = os.environ.get("MUSTER_TORTURE") == "whole"


def sample(points: Sequence[T], count: int) -> list[T]:
    """All of the points in a whole run, and else so many of them as the seed draws."""
    if IS_WHOLE or count >= len(points):
        return list(points)
    return random.Random(SEED).sample(points, count)
